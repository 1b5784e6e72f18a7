"""Makes the models that bench/serving serves, what they are asked and what they must answer.

models.py FOLDER writes <model>.onnx and, for each case, <case>.npz with the arrays
"input" (one entry a request) and "output:<name>", answered by ONNX Runtime's Python
package with one thread, and <case>.raw, the first input's bytes. A case is a model and
how many rows a request carries.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.datasets import load_digits, load_iris, make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

OPSET = 17
IR_VERSION = 8
SEED = 42
REQUESTS = 16

# Case, model, rows a request.
CASES = [
    ("iris", "iris", 1),
    ("digits", "digits", 1),
    ("forest", "forest", 1),
    ("tabular", "tabular", 1),
    ("wide", "wide", 1),
    ("wide-32", "wide", 32),
    ("transformer", "transformer", 1),
]
TABULAR_FEATURES = 50
WIDE_FEATURES = 100
TOKENS, VOCABULARY = 128, 1000


class Graph:
    """Collects nodes with random weights."""

    def __init__(self):
        self.random = np.random.default_rng(SEED)
        self.nodes, self.weights = [], []

    def weight(self, *shape):
        values = self.random.standard_normal(shape) / np.sqrt(shape[0] if len(shape) > 1 else 100)
        return self.constant(values.astype(np.float32))

    def constant(self, values):
        name = f"c{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def node(self, kind, *inputs, output=None, **attributes):
        name = output or f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def dense(self, value, size, into):
        return self.node("Add", self.node("MatMul", value, self.weight(size, into)), self.weight(into))

    def normalized(self, value, size):
        scale, shift = self.constant(np.ones(size, np.float32)), self.constant(np.zeros(size, np.float32))
        return self.node("LayerNormalization", value, scale, shift, axis=-1)

    def model(self, kind, columns, output, classes):
        graph = helper.make_graph(
            self.nodes,
            "bench",
            [helper.make_tensor_value_info("input", kind, ["rows", columns])],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["rows", classes])],
            self.weights,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        return model


def wide():
    """100 features, two hidden layers, 8 classes."""
    graph = Graph()
    value, size = "input", WIDE_FEATURES
    for hidden in (512, 256):
        value = graph.node("Relu", graph.dense(value, size, hidden))
        size = hidden
    graph.node("Softmax", graph.dense(value, size, 8), output="probabilities", axis=-1)
    return graph.model(TensorProto.FLOAT, WIDE_FEATURES, "probabilities", 8)


def transformer(layers=4, width=256, heads=4):
    """An encoder for texts of 128 tokens, averaged into 4 classes."""
    graph = Graph()
    value = graph.node("Gather", graph.weight(VOCABULARY, width), "input")
    value = graph.node("Add", value, graph.weight(TOKENS, width))
    split = graph.constant(np.array([0, TOKENS, heads, width // heads], np.int64))
    joined = graph.constant(np.array([0, TOKENS, width], np.int64))
    scale = graph.constant(np.float32((width // heads) ** -0.5))
    for _ in range(layers):
        before = graph.normalized(value, width)
        query, key, content = (graph.node("Reshape", graph.dense(before, width, width), split) for _ in range(3))
        query = graph.node("Transpose", query, perm=[0, 2, 1, 3])
        key = graph.node("Transpose", key, perm=[0, 2, 3, 1])
        content = graph.node("Transpose", content, perm=[0, 2, 1, 3])
        attention = graph.node("Softmax", graph.node("Mul", graph.node("MatMul", query, key), scale), axis=-1)
        mixed = graph.node("Transpose", graph.node("MatMul", attention, content), perm=[0, 2, 1, 3])
        value = graph.node("Add", value, graph.dense(graph.node("Reshape", mixed, joined), width, width))
        hidden = graph.node("Relu", graph.dense(graph.normalized(value, width), width, 4 * width))
        value = graph.node("Add", value, graph.dense(hidden, 4 * width, width))
    pooled = graph.node("ReduceMean", graph.normalized(value, width), axes=[1], keepdims=0)
    graph.node("Softmax", graph.dense(pooled, width, 4), output="probabilities", axis=-1)
    return graph.model(TensorProto.INT64, TOKENS, "probabilities", 4)


def learned(estimator, data):
    rows, labels = data(return_X_y=True)
    rows = rows.astype(np.float32)
    estimator.fit(rows, labels)
    return to_onnx(estimator, rows[:1], target_opset=OPSET, options={"zipmap": False})


def tabular(return_X_y):
    """What most tables come to: 50 numbers, two classes."""
    return make_classification(2000, TABULAR_FEATURES, n_informative=20, random_state=SEED)


MODELS = {
    "iris": lambda: learned(LogisticRegression(max_iter=500), load_iris),
    "digits": lambda: learned(MLPClassifier((64,), max_iter=300, random_state=SEED), load_digits),
    "forest": lambda: learned(RandomForestClassifier(200, random_state=SEED), load_digits),
    "tabular": lambda: learned(LogisticRegression(max_iter=500), tabular),
    "wide": wide,
    "transformer": transformer,
}


def inputs(model, rows):
    """Fixed requests: [REQUESTS, rows, columns]."""
    random = np.random.default_rng(SEED)
    if model == "transformer":
        return random.integers(0, VOCABULARY, (REQUESTS, rows, TOKENS))
    if model == "wide":
        return random.standard_normal((REQUESTS, rows, WIDE_FEATURES)).astype(np.float32)
    known = {"iris": load_iris, "tabular": tabular}.get(model, load_digits)(return_X_y=True)[0].astype(np.float32)
    return known[random.choice(len(known), (REQUESTS, rows), replace=False)]


def session(file):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def main():
    folder = Path(sys.argv[1])
    for name, make in MODELS.items():
        (folder / f"{name}.onnx").write_bytes(make().SerializeToString())
    for case, name, rows in CASES:
        model = session(folder / f"{name}.onnx")
        asked = inputs(name, rows)
        answers = [model.run(None, {model.get_inputs()[0].name: one}) for one in asked]
        arrays = {f"output:{output.name}": np.stack(of) for output, of in zip(model.get_outputs(), zip(*answers))}
        arrays["input_name"] = np.array(model.get_inputs()[0].name)
        np.savez(folder / f"{case}.npz", input=asked, **arrays)
        (folder / f"{case}.raw").write_bytes(asked[0].tobytes())


if __name__ == "__main__":
    main()
