"""Asks iris and a model of strings with MLServer's codecs. Arguments: iris' host:port, strings' host:port."""

import sys

import httpx
import numpy as np
from mlserver.codecs import NumpyCodec, NumpyRequestCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse, MetadataModelResponse, RepositoryIndexResponse

JSON = {"Content-Type": "application/json"}
IRIS, STRINGS = ("http://" + address for address in sys.argv[1:3])
ROWS = np.array([[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]], np.float32)


def infer(url, model, request):
    answer = httpx.post(f"{url}/v2/models/{model}/infer", content=request.model_dump_json(), headers=JSON)
    assert answer.status_code == 200, answer.text
    return InferenceResponse.model_validate_json(answer.text)


metadata = MetadataModelResponse.model_validate_json(httpx.get(IRIS + "/v2/models/iris").text)
assert metadata.inputs[0].name == "X"
index = RepositoryIndexResponse.model_validate_json(httpx.post(IRIS + "/v2/repository/index", json={}).text)
assert index.root[0].name == "iris"
answer = infer(IRIS, "iris", InferenceRequest(id="1", inputs=[NumpyCodec.encode_input("X", ROWS)]))
assert NumpyCodec.decode_output(answer.outputs[0]).flatten().tolist() == [0, 2]
assert NumpyCodec.decode_output(answer.outputs[1]).shape == (2, 3)
request = NumpyRequestCodec.encode_request(ROWS)
request.inputs[0].name = "X"
infer(IRIS, "iris", request)
texts = ["", "踏鞴", 'a"b\n']
answer = infer(STRINGS, "strings", InferenceRequest(inputs=[StringCodec.encode_input("x", texts)]))
assert StringCodec.decode_output(answer.outputs[0]) == texts, answer
print("right answers")
