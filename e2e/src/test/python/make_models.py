"""Writes the small ONNX models under src/test/resources/models.

Each multiplies its input x [n, 2] by its own number into y: an answer tells
which version gave it. Run in a virtual environment with onnx:
    python e2e/src/test/python/make_models.py e2e/src/test/resources/models
"""

import pathlib
import sys

from onnx import TensorProto, checker, helper

OPSET = 17


def times(factor, opset=OPSET):
    model = helper.make_model(
        helper.make_graph(
            [helper.make_node("Mul", ["x", "factor"], ["y"])],
            f"times-{factor}",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 2])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 2])],
            [helper.make_tensor("factor", TensorProto.FLOAT, [1], [float(factor)])],
        ),
        opset_imports=[helper.make_opsetid("", opset)],
        producer_name="tatara-e2e",
    )
    model.ir_version = 8
    if opset == OPSET:
        checker.check_model(model)
    return model.SerializeToString()


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for factor in (2, 3, 4):
        (folder / f"times-{factor}.onnx").write_bytes(times(factor))
    (folder / "opset-999.onnx").write_bytes(times(2, opset=999))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
