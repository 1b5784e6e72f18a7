"""LitServe with onnxruntime. server.py MODEL-FILE PORT"""

import sys

import litserve
import numpy as np
import onnxruntime


class OnnxApi(litserve.LitAPI):
    def __init__(self, file):
        super().__init__()
        self.file = file

    def setup(self, device):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(self.file, options, providers=["CPUExecutionProvider"])
        model_input = self.session.get_inputs()[0]
        self.input_name = model_input.name
        self.type = np.int64 if model_input.type == "tensor(int64)" else np.float32
        self.output_names = [output.name for output in self.session.get_outputs()]

    def decode_request(self, request):
        return np.asarray(request["rows"], dtype=self.type)

    def predict(self, rows):
        return self.session.run(self.output_names, {self.input_name: rows})

    def encode_response(self, answers):
        return {name: answer.tolist() for name, answer in zip(self.output_names, answers)}


if __name__ == "__main__":
    server = litserve.LitServer(OnnxApi(sys.argv[1]), accelerator="cpu", workers_per_device=1)
    server.run(
        host="127.0.0.1",
        port=int(sys.argv[2]),
        num_api_servers=1,
        log_level="warning",
        generate_client_file=False,
        access_log=False,
    )
