"""Asks identity models with Triton's HTTP client. Arguments: <datatype>=<host:port> …; "iris"=<host:port> too."""

import sys

import ml_dtypes
import numpy as np
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

NUMBERS = {
    "FP32": np.array([[1.5, -2.25], [3.4e38, 1e-45]], np.float32),
    "FP64": np.array([[1.5, -2.25], [1.7e308, 5e-324]], np.float64),
    "FP16": np.array([[1.5, -2.25], [65504, 6e-8]], np.float16),
    "BF16": np.array([[1.5, -2.25], [3e38, 1e-30]], ml_dtypes.bfloat16),
    "INT8": np.array([[-128, 127], [0, 1]], np.int8),
    "INT16": np.array([[-(2**15), 2**15 - 1], [0, 1]], np.int16),
    "INT32": np.array([[-(2**31), 2**31 - 1], [0, 1]], np.int32),
    "INT64": np.array([[-(2**63), 2**63 - 1], [0, 1]], np.int64),
    "UINT8": np.array([[0, 255], [2, 1]], np.uint8),
    "UINT16": np.array([[0, 2**16 - 1], [2, 1]], np.uint16),
    "UINT32": np.array([[0, 2**32 - 1], [2, 1]], np.uint32),
    "UINT64": np.array([[0, 2**64 - 1], [2, 2**63]], np.uint64),
    "BOOL": np.array([[True, False], [False, True]], np.bool_),
    "BYTES": np.array([["".encode(), "踏鞴".encode()], [b"a\nb\"", b"x" * 1000]], np.object_),
}
# What the client itself refuses to send as JSON.
ONLY_BINARY = {"BF16", "FP16"}


def same(got, expected):
    assert got.dtype == expected.dtype or expected.dtype == np.object_, (got.dtype, expected.dtype)
    assert got.shape == expected.shape, (got.shape, expected.shape)
    assert (got == expected).all(), (got, expected)


def identity(datatype, address):
    client = triton.InferenceServerClient(address)
    model = client.get_server_metadata() and datatype.lower()
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(model)
    metadata = client.get_model_metadata(model)
    assert metadata["inputs"][0]["datatype"] == datatype, metadata
    values = NUMBERS[datatype]
    empty = values[:0]
    checked = 0
    for data in (values, empty):
        for send_binary in (True, False):
            for want_binary in (True, False):
                if datatype in ONLY_BINARY and not send_binary:
                    continue
                tensor = triton.InferInput("x", list(data.shape), datatype)
                tensor.set_data_from_numpy(data, binary_data=send_binary)
                asked = [triton.InferRequestedOutput("y", binary_data=want_binary)]
                for compression in (None, "gzip", "deflate"):
                    result = client.infer(
                        model,
                        [tensor],
                        outputs=asked,
                        request_id="7",
                        request_compression_algorithm=compression,
                        response_compression_algorithm=compression,
                        timeout=10_000_000,
                    )
                    assert result.get_response()["id"] == "7"
                    got = result.as_numpy("y")
                    if datatype == "BYTES" and not want_binary:
                        got = np.array([str(x).encode() for x in got.flatten()], np.object_).reshape(got.shape)
                    if datatype == "BF16" and not want_binary:
                        got = got.astype(ml_dtypes.bfloat16)
                    same(got, data)
                    checked += 1
    tensor = triton.InferInput("x", [2, 2], datatype)
    tensor.set_data_from_numpy(values)
    same(client.infer(model, [tensor]).as_numpy("y"), values)  # all outputs, binary by default
    statistics = client.get_inference_statistics(model)["model_stats"][0]
    assert statistics["inference_stats"]["success"]["count"] == checked + 1, statistics
    assert statistics["inference_stats"]["compute_infer"]["ns"] > 0, statistics
    assert client.get_model_config(model)["input"][0]["name"] == "x"
    index = client.get_model_repository_index()
    assert index == [{"name": model, "version": "1", "state": "READY", "reason": ""}], index
    try:
        client.infer("other", [tensor])
        raise AssertionError("another model's name was accepted")
    except InferenceServerException as e:
        assert "unknown model" in str(e), e
    client.close()
    return checked


def iris(address):
    client = triton.InferenceServerClient(address, concurrency=4)
    rows = np.array([[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]], np.float32)
    tensor = triton.InferInput("X", [2, 4], "FP32")
    tensor.set_data_from_numpy(rows)
    waiting = [client.async_infer("iris", [tensor]) for _ in range(50)]
    for answer in waiting:
        assert answer.get_result().as_numpy("label").tolist() == [0, 2]
    top = triton.InferRequestedOutput("probabilities", class_count=2)
    texts = client.infer("iris", [tensor], outputs=[top]).as_numpy("probabilities")
    assert texts.shape == (2, 2) and texts[0][0].decode().endswith(":0"), texts
    client.close()


for argument in sys.argv[1:]:
    name, _, where = argument.partition("=")
    if name == "iris":
        iris(where)
    else:
        print(name, identity(name, where), "answers as sent")
