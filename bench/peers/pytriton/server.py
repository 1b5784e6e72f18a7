"""Triton Inference Server with onnxruntime in its Python backend, by PyTriton. server.py MODEL-FILE NAME PORT

HTTP listens on PORT, gRPC on PORT + 1.
"""

import sys

import numpy as np
import onnxruntime
from pytriton.model_config import ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig

NUMPY = {"tensor(float)": np.float32, "tensor(int64)": np.int64}
MAX_ROWS = 64


def tensor(of):
    """Without the dimension of rows; Triton knows no scalars."""
    return Tensor(name=of.name, dtype=NUMPY[of.type], shape=tuple(of.shape[1:]) or (1,))


def main():
    file, name, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    model_input = session.get_inputs()[0]
    output_names = [output.name for output in session.get_outputs()]

    def answer(rows):
        arrays = session.run(output_names, {model_input.name: rows})
        return {name: array.reshape(len(rows), -1) for name, array in zip(output_names, arrays)}

    def infer(requests):
        return [answer(request[model_input.name]) for request in requests]

    config = TritonConfig(http_address="127.0.0.1", http_port=port, grpc_port=port + 1, metrics_port=port + 2)
    with Triton(config=config) as triton:
        triton.bind(
            model_name=name,
            infer_func=infer,
            inputs=[tensor(model_input)],
            outputs=[tensor(output) for output in session.get_outputs()],
            config=ModelConfig(max_batch_size=MAX_ROWS),
        )
        triton.serve()


if __name__ == "__main__":
    main()
