"""MLServer's messages, codecs and stub. Arguments: NAME=HOST:PORT for each model."""

import sys

import grpc
import numpy as np
from mlserver import types
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.grpc import dataplane_pb2 as pb
from mlserver.grpc import model_repository_pb2 as repository
from mlserver.grpc.converters import ModelInferRequestConverter, ModelInferResponseConverter, ModelMetadataResponseConverter
from mlserver.grpc.dataplane_pb2_grpc import GRPCInferenceServiceStub
from mlserver.grpc.model_repository_pb2_grpc import ModelRepositoryServiceStub

from every_type import TYPES, rows, same

servers = dict(argument.split("=") for argument in sys.argv[1:])
NAMES = [name for name in TYPES if name not in ("fp16", "bf16")]


def given(name):
    if name == "string":
        return StringCodec.encode_input(name, [x.decode() for x in rows(name).ravel()]).model_copy(update={"shape": [2, 2]})
    array = rows(name)
    return types.RequestInput(name=name, shape=[2, 2], datatype=TYPES[name][0], data=array.ravel().tolist())


with grpc.insecure_channel(servers["every-typed"]) as channel:
    stub = GRPCInferenceServiceStub(channel)
    for raw in (False, True):
        request = types.InferenceRequest(id="7", inputs=[given(name) for name in NAMES])
        message = ModelInferRequestConverter.from_types(request, model_name="every-typed", use_raw=raw)
        response = stub.ModelInfer(message)
        assert bool(response.raw_output_contents) == raw
        answer = ModelInferResponseConverter.to_types(response)
        assert answer.id == "7" and answer.model_name == "every-typed" and answer.model_version == "1"
        for output in answer.outputs:
            name = output.name.removesuffix("_out")
            if name == "string":
                same(name, np.array(list(output.data), np.object_).reshape(output.shape))
            else:
                same(name, np.array(list(output.data), TYPES[name][1]).reshape(output.shape))

with grpc.insecure_channel(servers["iris"]) as channel:
    stub = GRPCInferenceServiceStub(channel)
    assert stub.ServerLive(pb.ServerLiveRequest()).live and stub.ServerReady(pb.ServerReadyRequest()).ready
    assert stub.ModelReady(pb.ModelReadyRequest(name="iris")).ready
    metadata = ModelMetadataResponseConverter.to_types(stub.ModelMetadata(pb.ModelMetadataRequest(name="iris")))
    assert metadata.inputs[0].shape == [-1, 4], metadata
    iris = np.array([[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]], np.float32)
    # one input typed, as MLServer's own clients send it, with the codec's hints as parameters
    request = types.InferenceRequest(inputs=[NumpyCodec.encode_input("X", iris)], outputs=[types.RequestOutput(name="label")])
    answer = ModelInferResponseConverter.to_types(stub.ModelInfer(ModelInferRequestConverter.from_types(request, "iris")))
    assert list(NumpyCodec.decode_output(answer.outputs[0]).ravel()) == [0, 2], answer
    index = ModelRepositoryServiceStub(channel).RepositoryIndex(repository.RepositoryIndexRequest())
    assert [(m.name, m.state) for m in index.models] == [("iris", "READY")], index

print("all is well")
