"""What users of tritonclient.grpc do. Arguments: NAME=HOST:PORT for each model."""

import queue
import sys

import numpy as np
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

from every_type import TYPES, rows, same

servers = dict(argument.split("=") for argument in sys.argv[1:])
IRIS = np.array([[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]], np.float32)


def given(name, datatype, array):
    tensor = triton.InferInput(name, list(array.shape), datatype)
    tensor.set_data_from_numpy(array)
    return tensor


def refused(status, words, call):
    try:
        call()
    except InferenceServerException as e:
        assert e.status() == f"StatusCode.{status}", e
        assert words in e.message(), e
    else:
        raise AssertionError(f"not refused: {words}")


with triton.InferenceServerClient(servers["every-type"]) as client:
    answer = client.infer(
        "every-type", [given(name, datatype, rows(name)) for name, (datatype, _, _) in TYPES.items()], request_id="é7"
    )
    assert answer.get_response().id == "é7"
    for name in TYPES:
        same(name, answer.as_numpy(f"{name}_out"))
    metadata = client.get_model_metadata("every-type", as_json=True)
    assert [x["datatype"] for x in metadata["inputs"]] == [datatype for datatype, _, _ in TYPES.values()]
    config = client.get_model_config("every-type", as_json=True)["config"]
    assert [x["dims"] for x in config["output"]] == [["-1", "-1"]] * len(TYPES), config
    # nothing in it, and much in it
    some = [given(name, datatype, rows(name)[:0]) for name, (datatype, _, _) in TYPES.items()]
    answer = client.infer("every-type", some, outputs=[triton.InferRequestedOutput("uint16_out")])
    assert answer.as_numpy("uint16_out").shape == (0, 2)
    assert answer.as_numpy("fp32_out") is None
    many = [given(name, datatype, np.repeat(rows(name), 50_000, 0)) for name, (datatype, _, _) in TYPES.items()]
    answer = client.infer("every-type", many)
    assert answer.as_numpy("int64_out").tobytes() == np.repeat(rows("int64"), 50_000, 0).tobytes()
    assert list(answer.as_numpy("string_out").ravel()[-2:]) == ["zürich".encode(), b"two words"]

with triton.InferenceServerClient(servers["iris"]) as client:
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("iris", "1")
    assert client.get_server_metadata().name == "tatara"
    x = [given("X", "FP32", IRIS)]
    before = client.get_inference_statistics("iris").model_stats[0]
    for compression in (None, "gzip", "deflate"):
        answer = client.infer(
            "iris", x, model_version="1", compression_algorithm=compression, parameters={"a": 1, "b": "c", "d": 1.5}
        )
        assert list(answer.as_numpy("label")) == [0, 2]
        assert np.allclose(answer.as_numpy("probabilities").sum(axis=1), 1)
    after = client.get_inference_statistics().model_stats[0]
    assert after.inference_count == before.inference_count + 6
    assert after.inference_stats.success.count == before.inference_stats.success.count + 3
    index = client.get_model_repository_index().models
    assert [(m.name, m.version, m.state) for m in index] == [("iris", "1", "READY")]

    finished = queue.Queue()
    for i in range(20):
        client.async_infer("iris", x, lambda result, error: finished.put((result, error)), request_id=str(i))
    answers = [finished.get(timeout=30) for _ in range(20)]
    assert all(error is None for _, error in answers), answers
    assert {result.get_response().id for result, _ in answers} == {str(i) for i in range(20)}

    client.start_stream(lambda result, error: finished.put((result, error)))
    for i in range(50):
        client.async_stream_infer("iris", x if i != 7 else [given("X", "FP32", IRIS[:, :3])], request_id=str(i))
    answers = [finished.get(timeout=30) for _ in range(50)]
    client.stop_stream()
    for i, (result, error) in enumerate(answers):
        if i == 7:
            assert "expected shape [-1, 4], got [2, 3]" in error.message(), error
        else:
            assert error is None and result.get_response().id == str(i), (i, error)
            assert list(result.as_numpy("label")) == [0, 2]

    # The largest classes of each row, as value:position.
    best = client.infer("iris", x, outputs=[triton.InferRequestedOutput("probabilities", class_count=2)]).as_numpy("probabilities")
    assert best.shape == (2, 2), best
    assert [row[0].decode().split(":")[1] for row in best] == ["0", "2"], best

    refused("NOT_FOUND", 'unknown model "other"', lambda: client.infer("other", x))
    refused("NOT_FOUND", 'no version "7"', lambda: client.is_model_ready("iris", "7"))
    refused("INVALID_ARGUMENT", "expected datatype FP32, got INT64", lambda: client.infer("iris", [given("X", "INT64", np.ones((1, 4), np.int64))]))
    refused("UNIMPLEMENTED", "admin port", lambda: client.load_model("iris"))
    refused("UNIMPLEMENTED", "unknown method", client.get_trace_settings)
    # a microsecond; how long a client_timeout that short really is, is up to the client
    refused("DEADLINE_EXCEEDED", "", lambda: client.infer("iris", x, timeout=1))
    refused("RESOURCE_EXHAUSTED", "max-body-bytes", lambda: client.infer("iris", [given("X", "FP32", np.zeros((5_000_000, 4), np.float32))]))
    assert list(client.infer("iris", x).as_numpy("label")) == [0, 2]

with triton.InferenceServerClient(servers["iris-zipmap"]) as client:
    answer = client.infer("iris-zipmap", [given("X", "FP32", IRIS)])
    names = [output.name for output in client.get_model_metadata("iris-zipmap").outputs]
    assert list(answer.as_numpy(names[0])) == [0, 2]
    assert [eval(text)["0"] > 0.9 for text in answer.as_numpy(names[1])] == [True, False]

with triton.InferenceServerClient(servers["fixed-shape"]) as client:
    answer = client.infer("fixed-shape", [given("x", "FP32", np.array([[1, 2], [3, 4]], np.float32))])
    assert answer.as_numpy("y").shape == () and answer.as_numpy("y") == 10

print("all is well")
