"""What users of KServe's InferenceGRPCClient do. Arguments: NAME=HOST:PORT for each model."""

import asyncio
import sys

import grpc
import numpy as np
from kserve import InferenceGRPCClient, InferInput, InferRequest

from every_type import TYPES, rows, same

servers = dict(argument.split("=") for argument in sys.argv[1:])
IRIS = np.array([[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]], np.float32)


def given(name, binary):
    tensor = InferInput(name, [2, 2], TYPES[name][0])
    tensor.set_data_from_numpy(rows(name), binary_data=binary)
    return tensor


async def every_type(binary):
    async with InferenceGRPCClient(servers["every-typed"]) as client:
        names = [name for name in TYPES if name not in ("fp16", "bf16")]
        request = InferRequest("every-typed", [given(name, binary) for name in names], request_id="7")
        answer = await client.infer(request)
        assert answer.id == "7", answer.id
        for name in names:
            output = answer.get_output_by_name(f"{name}_out")
            if name == "string" and not binary:
                assert list(output.data) == list(rows(name).ravel()), output.data
            else:
                same(name, output.as_numpy())


async def iris():
    async with InferenceGRPCClient(servers["iris"]) as client:
        assert await client.is_server_live() and await client.is_server_ready()
        assert await client.is_model_ready("iris")
        for binary in (True, False):
            tensor = InferInput("X", list(IRIS.shape), "FP32")
            tensor.set_data_from_numpy(IRIS, binary_data=binary)
            answer = await client.infer(InferRequest("iris", [tensor]))
            assert list(answer.get_output_by_name("label").as_numpy()) == [0, 2]
        try:
            await client.infer(InferRequest("other", [tensor]))
        except grpc.RpcError as e:
            assert e.code() == grpc.StatusCode.NOT_FOUND and "unknown model" in e.details(), e
        else:
            raise AssertionError("a model that isn't there")


asyncio.run(every_type(True))
asyncio.run(every_type(False))
asyncio.run(iris())
print("all is well")
