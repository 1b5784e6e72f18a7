"""Rows of every type, for models whose outputs repeat their inputs (input int8, output int8_out)."""

import ml_dtypes
import numpy as np

TYPES = {
    "fp32": ("FP32", np.float32, [[0.1, -3.4028235e38], [1e-45, 16777216]]),
    "fp64": ("FP64", np.float64, [[0.1, 1.7976931348623157e308], [5e-324, -2]]),
    "fp16": ("FP16", np.float16, [[0.1, 65504], [6e-8, -2]]),
    "bf16": ("BF16", ml_dtypes.bfloat16, [[0.1, 3e38], [1, -2]]),
    "int8": ("INT8", np.int8, [[-128, 127], [0, 1]]),
    "int16": ("INT16", np.int16, [[-32768, 32767], [0, 1]]),
    "int32": ("INT32", np.int32, [[-(2**31), 2**31 - 1], [0, 1]]),
    "int64": ("INT64", np.int64, [[-(2**63), 2**63 - 1], [0, 1]]),
    "uint8": ("UINT8", np.uint8, [[0, 255], [128, 1]]),
    "uint16": ("UINT16", np.uint16, [[0, 65535], [32768, 1]]),
    "uint32": ("UINT32", np.uint32, [[0, 2**32 - 1], [2**31, 1]]),
    "uint64": ("UINT64", np.uint64, [[0, 2**64 - 1], [2**63, 1]]),
    "bool": ("BOOL", np.bool_, [[True, False], [False, True]]),
    "string": ("BYTES", np.object_, [[b"", b"a"], ["zürich".encode(), b"two words"]]),
}


def rows(name):
    return np.array(TYPES[name][2], dtype=TYPES[name][1])


def same(name, got):
    """Bit by bit, and shape by shape."""
    sent = rows(name)
    assert got.shape == sent.shape, (name, got.shape)
    if name == "string":
        as_bytes = [x.encode() if isinstance(x, str) else bytes(x) for x in got.ravel()]
        assert as_bytes == list(sent.ravel()), (name, got)
    else:
        assert got.astype(sent.dtype).tobytes() == sent.tobytes(), (name, got, sent)
