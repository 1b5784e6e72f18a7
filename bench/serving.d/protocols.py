"""How servers are asked and how their answers are read.

A protocol turns one entry of a case's input (an array of rows) into the bytes that go
over the wire, and an answer's bytes into arrays by output name.
"""

import json

import messages
import numpy as np

TYPES = {"float32": "FP32", "int64": "INT64"}
ARRAYS = {"FP32": np.float32, "INT64": np.int64}


def numbers(array):
    """JSON of an array, floats in their shortest decimal form."""
    if array.ndim > 1:
        return "[" + ", ".join(numbers(row) for row in array) + "]"
    return "[" + ", ".join(str(value) for value in array) + "]"


class Http:
    title = "HTTP"
    content_type = "application/json"
    grpc = None
    port_offset = 0

    def path(self, case):
        raise NotImplementedError

    def body(self, case, rows):
        raise NotImplementedError

    def read(self, case, body):
        raise NotImplementedError

    def headers(self, case, rows):
        return {}

    def request(self, case, rows):
        body = self.body(case, rows)
        head = [
            f"POST {self.path(case)} HTTP/1.1",
            "Host: localhost",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {len(body)}",
            *(f"{name}: {value}" for name, value in self.headers(case, rows).items()),
        ]
        return "\r\n".join([*head, "", ""]).encode() + body


class V2Json(Http):
    """Open Inference Protocol V2, tensors as JSON."""

    def path(self, case):
        return f"/v2/models/{case.model}/infer"

    def body(self, case, rows):
        tensor = (
            f'{{"name": "{case.input_name}", "shape": [{len(rows)}, {rows.shape[1]}], '
            f'"datatype": "{TYPES[rows.dtype.name]}", "data": {numbers(rows.reshape(-1))}}}'
        )
        return f'{{"id": "1", "inputs": [{tensor}]}}'.encode()

    def read(self, case, body):
        answer = json.loads(body)
        return {output["name"]: np.array(output["data"]).reshape(output["shape"]) for output in answer["outputs"]}

    def expected(self, case):
        """An answer as our server writes it, for the first request."""
        outputs = [
            {
                "name": name,
                "shape": list(values[0].shape),
                "datatype": TYPES[values.dtype.name],
                "data": json.loads(numbers(values[0].reshape(-1))),
            }
            for name, values in case.outputs.items()
        ]
        answer = {"model_name": case.model, "model_version": "1", "id": "1", "outputs": outputs}
        return json.dumps(answer, separators=(",", ":")).encode()


class NoOp(V2Json):
    """The same request; nothing is read from the answer."""

    def read(self, case, body):
        return None


class Rows(Http):
    """{"rows": [[...]]} in, {"<output>": [[...]]} out: what users of the frameworks write."""

    def __init__(self, path):
        self._path = path

    def path(self, case):
        return self._path

    def body(self, case, rows):
        return f'{{"rows": {numbers(rows)}}}'.encode()

    def read(self, case, body):
        return {name: np.array(values) for name, values in json.loads(body).items()}


class V2Binary(V2Json):
    """V2 with the binary tensor data extension, both ways."""

    title = "binary tensors"
    content_type = "application/octet-stream"

    def _head(self, case, rows):
        tensor = {
            "name": case.input_name,
            "shape": list(rows.shape),
            "datatype": TYPES[rows.dtype.name],
            "parameters": {"binary_data_size": rows.nbytes},
        }
        return json.dumps({"id": "1", "inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()

    def headers(self, case, rows):
        return {"Inference-Header-Content-Length": len(self._head(case, rows))}

    def body(self, case, rows):
        return self._head(case, rows) + rows.tobytes()

    def read(self, case, body):
        # The text is Latin-1, so that positions are bytes.
        head, end = json.JSONDecoder().raw_decode(body.decode("latin-1"))
        found = {}
        for output in head["outputs"]:
            size = output["parameters"]["binary_data_size"]
            data = np.frombuffer(body[end : end + size], ARRAYS[output["datatype"]])
            found[output["name"]] = data.reshape(output["shape"])
            end += size
        return found


class Grpc:
    """V2 over gRPC, tensors as raw bytes, as Triton's clients send them.

    Callers share a connection, as threads share a client's channel.
    """

    grpc = "/inference.GRPCInferenceService/ModelInfer"

    def __init__(self, port_offset=0, callers=8):
        self.port_offset, self.callers = port_offset, callers
        self.title = "gRPC" if callers > 1 else "gRPC, a connection for each caller"

    def request(self, case, rows):
        return messages.request(case.model, case.input_name, TYPES[rows.dtype.name], rows.shape, rows.tobytes())

    def read(self, case, message):
        outputs = messages.answer(message)
        return {name: np.frombuffer(data, ARRAYS[kind]).reshape(shape) for name, kind, shape, data in outputs}
