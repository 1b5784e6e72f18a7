"""Asks iris with KServe's REST client, V1 and V2. Argument: host:port."""

import asyncio
import sys

import httpx
import numpy as np
from kserve import InferInput, InferRequest, InferenceRESTClient, RESTConfig
from kserve.protocol.infer_type import RequestedOutput

URL = "http://" + sys.argv[1]
ROWS = np.array([[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]], np.float32)


async def v1():
    client = InferenceRESTClient(RESTConfig(protocol="v1"))
    assert await client.is_server_live(URL)
    assert await client.is_model_ready(URL, "iris")
    answer = await client.infer(URL, {"instances": ROWS.tolist()}, model_name="iris")
    assert answer == {"predictions": [0, 2]}, answer
    try:
        await client.infer(URL, {"instances": [[1, 2]]}, model_name="iris")
        raise AssertionError("two features of four were accepted")
    except httpx.HTTPStatusError as e:
        assert e.response.status_code == 400 and "expected 4 values" in str(e), e


async def v2():
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    assert await client.is_server_live(URL) and await client.is_server_ready(URL)
    assert await client.is_model_ready(URL, "iris")
    for binary in (False, True):
        for wanted in (False, True):
            tensor = InferInput("X", list(ROWS.shape), "FP32")
            tensor.set_data_from_numpy(ROWS, binary_data=binary)
            request = InferRequest(
                model_name="iris",
                infer_inputs=[tensor],
                request_id="42",
                request_outputs=[
                    RequestedOutput("label", {"binary_data": wanted}),
                    RequestedOutput("probabilities", {"binary_data": wanted}),
                ],
            )
            answer = await client.infer(URL, request, model_name="iris")
            assert answer.id == "42" and answer.model_name == "iris"
            assert answer.outputs[0].as_numpy().tolist() == [0, 2], answer.outputs[0].as_numpy()
            probabilities = answer.outputs[1].as_numpy()
            assert probabilities.shape == (2, 3) and (abs(probabilities.sum(axis=1) - 1) < 1e-5).all()


asyncio.run(v1())
asyncio.run(v2())
print("right answers")
