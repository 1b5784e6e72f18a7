"""Registers models the way MLflow's users do, each under its own name.

log.py ONNX-FILE
"""

import sys

import mlflow
import numpy
import onnx
from mlflow import MlflowClient
from onnx import TensorProto, helper, numpy_helper

mlflow.set_experiment("models")
client = MlflowClient()


class Plain(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input


def with_weights():
    weights = numpy_helper.from_array(numpy.zeros((4, 400), dtype=numpy.float32), "w")
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "weights",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 400])],
        [weights],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def log(name, log_model, **arguments):
    with mlflow.start_run():
        log_model(name="model", registered_model_name=name, **arguments)


given = onnx.load(sys.argv[1])
log("good", mlflow.onnx.log_model, onnx_model=given, save_as_external_data=False)
log("good", mlflow.onnx.log_model, onnx_model=given, save_as_external_data=False)
client.set_registered_model_alias("good", "champion", "2")
log("two files", mlflow.onnx.log_model, onnx_model=with_weights())
log("python", mlflow.pyfunc.log_model, python_model=Plain())
with mlflow.start_run() as run:
    mlflow.log_artifact(sys.argv[1], "raw")
    client.create_registered_model("bare")
    source = run.info.artifact_uri + "/raw/" + sys.argv[1].rsplit("/", 1)[1]
    client.create_model_version("bare", source, run.info.run_id)
    client.create_model_version("bare", run.info.artifact_uri + "/nowhere", run.info.run_id)
