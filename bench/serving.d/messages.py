"""The two messages of V2's ModelInfer, as protocol buffers.

Field numbers: grpc_predict_v2.proto of the Open Inference Protocol.
"""

import struct

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
# Fields of InferTensorContents that answers of the bench's models may use.
INT64_CONTENTS, FP32_CONTENTS = 3, 6


def varint(value):
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


def delimited(field, content):
    return varint(field << 3 | LENGTH) + varint(len(content)) + content


def request(model, name, kind, shape, data):
    """A ModelInferRequest with one input, its elements in raw_input_contents."""
    tensor = delimited(1, name.encode()) + delimited(2, kind.encode()) + delimited(3, b"".join(map(varint, shape)))
    return delimited(1, model.encode()) + delimited(3, b"1") + delimited(5, tensor) + delimited(7, data)


def read_varint(message, at):
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if byte < 0x80:
            return value, at


def fields(message):
    """Pairs of field number and content, in order: an integer or bytes."""
    at = 0
    while at < len(message):
        key, at = read_varint(message, at)
        kind = key & 7
        if kind == VARINT:
            content, at = read_varint(message, at)
        else:
            if kind == LENGTH:
                size, at = read_varint(message, at)
            else:
                size = {FIXED32: 4, FIXED64: 8}[kind]
            content, at = message[at : at + size], at + size
        yield key >> 3, content


def varints(content):
    """Packed, or one of several."""
    if isinstance(content, int):
        return [content]
    values, at = [], 0
    while at < len(content):
        value, at = read_varint(content, at)
        values.append(value)
    return values


def elements(contents):
    """The little-endian bytes of typed contents."""
    data = b""
    for number, content in fields(contents):
        if number == FP32_CONTENTS:
            data += content
        elif number == INT64_CONTENTS:
            data += b"".join(struct.pack("<Q", value) for value in varints(content))
        else:
            raise ValueError(f"unexpected contents, field {number}")
    return data


def answer(message):
    """Name, datatype, shape and little-endian bytes of each output of a ModelInferResponse."""
    outputs, raw = [], []
    for number, content in fields(message):
        if number == 5:
            tensor = {"shape": [], "data": None}
            for inner, value in fields(content):
                if inner == 1:
                    tensor["name"] = value.decode()
                elif inner == 2:
                    tensor["kind"] = value.decode()
                elif inner == 3:
                    tensor["shape"] += varints(value)
                elif inner == 5:
                    tensor["data"] = elements(value)
            outputs.append(tensor)
        elif number == 6:
            raw.append(content)
    for tensor, data in zip(outputs, raw):
        tensor["data"] = data
    return [(tensor["name"], tensor["kind"], tensor["shape"], tensor["data"]) for tensor in outputs]
