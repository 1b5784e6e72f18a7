"""Writes the small ONNX models under src/test/resources/models.

Run in a virtual environment with onnx, skl2onnx and scikit-learn:
    python libs/onnx/src/test/python/make_models.py libs/onnx/src/test/resources/models
"""

import pathlib
import sys

import numpy as np
from onnx import TensorProto, checker, helper, save
from skl2onnx import to_onnx
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

OPSET = 17


def write(folder, name, nodes, inputs, outputs, opset=OPSET):
    graph = helper.make_graph(nodes, name, inputs, outputs)
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", opset)],
        producer_name="tatara-test-models",
        producer_version="1",
    )
    model.ir_version = 8
    if opset == OPSET:
        checker.check_model(model)
    save(model, folder / f"{name}.onnx")


def tensor(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)

    iris = load_iris()
    classifier = LogisticRegression(max_iter=1000).fit(iris.data, iris.target)
    sample = iris.data[:1].astype(np.float32)
    for name, zipmap in (("iris", False), ("iris-zipmap", True)):
        model = to_onnx(classifier, sample, target_opset=OPSET, options={"zipmap": zipmap})
        save(model, folder / f"{name}.onnx")

    kinds = {
        "fp32": TensorProto.FLOAT,
        "fp64": TensorProto.DOUBLE,
        "fp16": TensorProto.FLOAT16,
        "bf16": TensorProto.BFLOAT16,
        "int8": TensorProto.INT8,
        "int16": TensorProto.INT16,
        "int32": TensorProto.INT32,
        "int64": TensorProto.INT64,
        "uint8": TensorProto.UINT8,
        "uint16": TensorProto.UINT16,
        "uint32": TensorProto.UINT32,
        "uint64": TensorProto.UINT64,
        "bool": TensorProto.BOOL,
        "string": TensorProto.STRING,
    }
    for name, kind in kinds.items():
        write(
            folder,
            f"identity-{name}",
            [helper.make_node("Identity", ["x"], ["y"])],
            [tensor("x", kind, ["n", "m"])],
            [tensor("y", kind, ["n", "m"])],
        )

    # All types at once; and those that have a place in gRPC's typed contents.
    for name, left_out in (("every-type", ()), ("every-typed", ("fp16", "bf16"))):
        some = {name: kind for name, kind in kinds.items() if name not in left_out}
        write(
            folder,
            name,
            [helper.make_node("Identity", [kind], [f"{kind}_out"]) for kind in some],
            [tensor(key, kind, ["n", "m"]) for key, kind in some.items()],
            [tensor(f"{key}_out", kind, ["n", "m"]) for key, kind in some.items()],
        )

    write(
        folder,
        "add",
        [helper.make_node("Add", ["a", "b"], ["sum"])],
        [tensor("a", TensorProto.FLOAT, ["n", 3]), tensor("b", TensorProto.FLOAT, ["n", 3])],
        [tensor("sum", TensorProto.FLOAT, ["n", 3])],
    )
    write(
        folder,
        "add-fp16",
        [helper.make_node("Add", ["a", "b"], ["sum"])],
        [tensor("a", TensorProto.FLOAT16, ["n"]), tensor("b", TensorProto.FLOAT16, ["n"])],
        [tensor("sum", TensorProto.FLOAT16, ["n"])],
    )
    # Two inputs of different types, two outputs of different types.
    write(
        folder,
        "two-in-two-out",
        [
            helper.make_node("Cast", ["count"], ["count_f"], to=TensorProto.FLOAT),
            helper.make_node("Mul", ["price", "count_f"], ["total"]),
            helper.make_node("Neg", ["count"], ["minus_count"]),
        ],
        [tensor("price", TensorProto.FLOAT, ["n", 2]), tensor("count", TensorProto.INT64, ["n", 2])],
        [tensor("total", TensorProto.FLOAT, ["n", 2]), tensor("minus_count", TensorProto.INT64, ["n", 2])],
    )
    # No batch dimension at all, and a scalar.
    write(
        folder,
        "fixed-shape",
        [helper.make_node("ReduceSum", ["x"], ["y"], keepdims=0)],
        [tensor("x", TensorProto.FLOAT, [2, 2])],
        [tensor("y", TensorProto.FLOAT, [])],
    )
    # Fails when run, not when loaded: 7 rows into pairs.
    write(
        folder,
        "fails-on-odd",
        [
            helper.make_node("Constant", [], ["shape"], value_ints=[-1, 2]),
            helper.make_node("Reshape", ["x", "shape"], ["y"]),
        ],
        [tensor("x", TensorProto.FLOAT, ["n"])],
        [tensor("y", TensorProto.FLOAT, ["m", 2])],
    )
    # Fails for rows whose key isn't 0 or 1, so that one bad row fails all that are run with it.
    write(
        folder,
        "fails-on-some",
        [
            helper.make_node("Constant", [], ["table"], value_ints=[0, 0]),
            helper.make_node("Gather", ["table", "key"], ["found"]),
            helper.make_node("Add", ["id", "found"], ["y"]),
            helper.make_node("Identity", ["id"], ["id_again"]),
        ],
        [tensor("id", TensorProto.INT64, ["n", "m"]), tensor("key", TensorProto.INT64, ["n", 1])],
        [tensor("y", TensorProto.INT64, ["n", "m"]), tensor("id_again", TensorProto.INT64, ["n", "m"])],
    )
    # The answer to a row depends on the rows that it is run with.
    write(
        folder,
        "minus-mean",
        [
            helper.make_node("ReduceMean", ["x"], ["mean"], axes=[0], keepdims=1),
            helper.make_node("Sub", ["x", "mean"], ["y"]),
        ],
        [tensor("x", TensorProto.FLOAT, ["n", 3])],
        [tensor("y", TensorProto.FLOAT, ["n", 3])],
    )
    # Answers differently each time.
    write(
        folder,
        "random",
        [
            helper.make_node("RandomNormalLike", ["x"], ["noise"]),
            helper.make_node("Add", ["x", "noise"], ["y"]),
        ],
        [tensor("x", TensorProto.FLOAT, ["rows", "columns"])],
        [tensor("y", TensorProto.FLOAT, ["rows", "columns"])],
    )
    # Takes a fraction of a millisecond, most of it for reading weights, and tells whose row it is. The weights are
    # made when the model is loaded.
    size = 512
    nodes = [
        helper.make_node("Constant", [], ["zero"], value_float=0.0),
        helper.make_node("Constant", [], ["count"], value_float=float(size * size)),
        helper.make_node("Constant", [], ["one"], value_float=1.0),
        helper.make_node("Range", ["zero", "count", "one"], ["range"]),
        helper.make_node("Sin", ["range"], ["sin"]),
        helper.make_node("Constant", [], ["square"], value_ints=[size, size]),
        helper.make_node("Constant", [], ["start"], value_ints=[0]),
        helper.make_node("Constant", [], ["end"], value_ints=[8]),
        helper.make_node("Slice", ["w", "start", "end"], ["w_in"]),
        helper.make_node("MatMul", ["x", "w_in"], ["h0"]),
    ]
    nodes.insert(6, helper.make_node("Reshape", ["sin", "square"], ["w"]))
    layers = 4
    for i in range(layers):
        # Weights of their own: the same ones would stay in the CPU's cache.
        nodes.append(helper.make_node("Constant", [], [f"offset{i}"], value_float=float(i)))
        nodes.append(helper.make_node("Add", ["range", f"offset{i}"], [f"shifted{i}"]))
        nodes.append(helper.make_node("Sin", [f"shifted{i}"], [f"sin{i}"]))
        nodes.append(helper.make_node("Reshape", [f"sin{i}", "square"], [f"w{i}"]))
        nodes.append(helper.make_node("MatMul", [f"h{i}", f"w{i}"], [f"m{i}"]))
        nodes.append(helper.make_node("Tanh", [f"m{i}"], [f"h{i + 1}"]))
    nodes.append(helper.make_node("ReduceMean", [f"h{layers}"], ["score"], axes=[1], keepdims=1))
    nodes.append(helper.make_node("Identity", ["id"], ["id_again"]))
    write(
        folder,
        "medium",
        nodes,
        [tensor("id", TensorProto.INT64, ["n", "m"]), tensor("x", TensorProto.FLOAT, ["n", 8])],
        [tensor("id_again", TensorProto.INT64, ["n", "m"]), tensor("score", TensorProto.FLOAT, ["n", 1])],
    )
    # An operator set that no released runtime knows, and an operator that none has.
    write(
        folder,
        "opset-999",
        [helper.make_node("Identity", ["x"], ["y"])],
        [tensor("x", TensorProto.FLOAT, ["n"])],
        [tensor("y", TensorProto.FLOAT, ["n"])],
        opset=999,
    )
    graph = helper.make_graph(
        [helper.make_node("NoSuchOperator", ["x"], ["y"], domain="example.test")],
        "unknown-operator",
        [tensor("x", TensorProto.FLOAT, ["n"])],
        [tensor("y", TensorProto.FLOAT, ["n"])],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid("example.test", 1)]
    )
    model.ir_version = 8
    save(model, folder / "unknown-operator.onnx")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
