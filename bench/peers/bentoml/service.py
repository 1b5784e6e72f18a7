"""BentoML with onnxruntime. Started as `bentoml serve service:Onnx`; MODEL names the file."""

import os

import bentoml
import numpy as np
import onnxruntime


@bentoml.service(workers=1, logging={"access": {"enabled": False}})
class Onnx:
    def __init__(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
        model_input = self.session.get_inputs()[0]
        self.input_name = model_input.name
        self.type = np.int64 if model_input.type == "tensor(int64)" else np.float32
        self.output_names = [output.name for output in self.session.get_outputs()]

    @bentoml.api
    async def predict(self, rows: list[list[float]]) -> dict:
        answers = self.session.run(self.output_names, {self.input_name: np.asarray(rows, dtype=self.type)})
        return {name: answer.tolist() for name, answer in zip(self.output_names, answers)}
