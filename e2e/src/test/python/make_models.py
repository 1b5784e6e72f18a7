"""Writes the small ONNX models under src/test/resources/models.

Each multiplies its input x [n, 2] by its own number into y: an answer tells
which version gave it. times-5-slowly also multiplies large matrices that come
to nothing, times-6-below-5 has a table that values from 5 on aren't in. The
position of the larger value, which is what the ledger keeps of two, is another
one with times-minus-1 than with the rest. Run in a virtual environment with onnx:
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


def finish(factor, nodes, constants, how):
    """A model of more nodes, the last of which adds its "nothing" to the product."""
    model = helper.make_model(
        helper.make_graph(
            [
                helper.make_node("Mul", ["x", "factor"], ["product"]),
                *nodes,
                helper.make_node("Add", ["product", "nothing"], ["y"]),
            ],
            f"times-{factor}-{how}",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 2])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 2])],
            [helper.make_tensor("factor", TensorProto.FLOAT, [1], [float(factor)]), *constants],
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        producer_name="tatara-e2e",
    )
    model.ir_version = 8
    checker.check_model(model)
    return model.SerializeToString()


def slow(factor, side=400, products=16):
    """Some 10 ms a run on one core: products of matrices that depend on x, so that nobody can work them out before."""
    nodes = [
        helper.make_node("ReduceMax", ["x"], ["largest"], keepdims=0),
        helper.make_node("Mul", ["largest", "zero"], ["none"]),
        helper.make_node("Expand", ["none", "square"], ["matrix_0"]),
        helper.make_node("ConstantOfShape", ["square"], ["other"], value=helper.make_tensor("", TensorProto.FLOAT, [1], [0.5])),
    ]
    for i in range(products):
        nodes.append(helper.make_node("MatMul", [f"matrix_{i}", "other"], [f"matrix_{i + 1}"]))
    nodes.append(helper.make_node("ReduceMax", [f"matrix_{products}"], ["nothing"], keepdims=0))
    constants = [
        helper.make_tensor("zero", TensorProto.FLOAT, [], [0.0]),
        helper.make_tensor("square", TensorProto.INT64, [2], [side, side]),
    ]
    return finish(factor, nodes, constants, "slowly")


def below(factor, bound):
    """Looks its inputs up in a table: others than 0 to bound - 1 aren't there, and the run fails."""
    nodes = [
        helper.make_node("Cast", ["x"], ["index"], to=TensorProto.INT64),
        helper.make_node("Gather", ["table", "index"], ["nothing"]),
    ]
    constants = [helper.make_tensor("table", TensorProto.FLOAT, [bound], [0.0] * bound)]
    return finish(factor, nodes, constants, f"below-{bound}")


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for factor in (2, 3, 4):
        (folder / f"times-{factor}.onnx").write_bytes(times(factor))
    (folder / "times-minus-1.onnx").write_bytes(times(-1))
    (folder / "times-5-slowly.onnx").write_bytes(slow(5))
    (folder / "times-6-below-5.onnx").write_bytes(below(6, 5))
    (folder / "opset-999.onnx").write_bytes(times(2, opset=999))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
