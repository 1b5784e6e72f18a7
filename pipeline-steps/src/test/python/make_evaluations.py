"""Writes models trained on scikit-learn's real data sets, the rows that were held back, and scikit-learn's metrics of
what ONNX Runtime answers to these rows, under src/test/resources/evaluate.

Run in a virtual environment with onnx, skl2onnx, onnxruntime and scikit-learn:
    python pipeline-steps/src/test/python/make_evaluations.py pipeline-steps/src/test/resources/evaluate
"""

import csv
import pathlib
import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper, save
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn import metrics
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

OPSET = 17


def table(folder, name, header, rows):
    with open(folder / f"{name}.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)


def exported(folder, name, model, sample, **options):
    onnx = to_onnx(model, sample, target_opset=OPSET, options={"zipmap": False} if not options else options)
    save(onnx, folder / f"{name}.onnx")
    return onnxruntime.InferenceSession(onnx.SerializeToString())


def by_hand(folder, name, last, weights, offset):
    """x W + b and a last operator, as deep-learning frameworks export it: no label, no zipmap."""
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "w"], ["product"]),
            helper.make_node("Add", ["product", "b"], ["sum"]),
            helper.make_node(last, ["sum"], ["y"]),
        ],
        name,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", weights.shape[0]])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", weights.shape[1]])],
        [
            numpy_helper.from_array(weights.astype(np.float32), "w"),
            numpy_helper.from_array(offset.astype(np.float32), "b"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = 8
    save(model, folder / f"{name}.onnx")
    return onnxruntime.InferenceSession(model.SerializeToString())


def classified(name, actual, answered, scores, positive=None):
    options = {"average": "macro", "zero_division": 0}
    if positive is not None:
        options = {"average": "binary", "pos_label": positive, "zero_division": 0}
    scores = np.asarray(scores, dtype=np.float64)
    yield name, "accuracy", metrics.accuracy_score(actual, answered)
    yield name, "precision", metrics.precision_score(actual, answered, **options)
    yield name, "recall", metrics.recall_score(actual, answered, **options)
    yield name, "f1", metrics.f1_score(actual, answered, **options)
    if scores.shape[1] == 2:
        yield name, "roc_auc", metrics.roc_auc_score(actual, scores[:, 1])
    else:
        labels = sorted(set(actual))
        areas = [metrics.roc_auc_score(np.asarray(actual) == label, scores[:, i]) for i, label in enumerate(labels)]
        yield name, "roc_auc", np.mean(areas)
    yield name, "log_loss", metrics.log_loss(actual, scores)


def iris(folder):
    data = load_iris()
    names = [name.replace(" (cm)", "").replace(" ", "_") for name in data.feature_names]
    train, test, labels, actual = train_test_split(data.data, data.target, test_size=0.4, random_state=3)
    species = data.target_names[labels]
    held_back = data.target_names[actual]
    regions = [["north", "south"][i % 2] for i in range(len(test))]
    rows = [
        [*(f"{v:.1f}" for v in row), region, target, kind]
        for row, region, target, kind in zip(test, regions, actual, held_back)
    ]
    table(folder, "iris", [*names, "region", "target", "species"], rows)
    x = test.astype(np.float32)
    sample = x[:1]

    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=500)).fit(train, labels)
    answered, scores = exported(folder, "iris", model, sample).run(None, {"X": x})
    yield from classified("iris", actual, answered, scores)
    for region in ("north", "south"):
        chosen = [i for i, r in enumerate(regions) if r == region]
        yield f"iris {region}", "accuracy", metrics.accuracy_score(actual[chosen], answered[chosen])

    text = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=500)).fit(train, species)
    answered, scores = exported(folder, "iris-text", text, sample).run(None, {"X": x})
    yield from classified("iris-text", held_back, answered, scores)
    zipped = exported(folder, "iris-zipmap", text, sample, zipmap=True)
    answered, scores = zipped.run(None, {"X": x})
    yield from classified("iris-zipmap", held_back, answered, [list(row.values()) for row in scores])

    worse = DecisionTreeClassifier(max_depth=1, random_state=1).fit(train, labels)
    answered, scores = exported(folder, "iris-worse", worse, sample).run(None, {"X": x})
    yield from classified("iris-worse", actual, answered, scores)

    linear = LogisticRegression(C=10, max_iter=2000).fit(train, labels)
    (scores,) = by_hand(folder, "iris-softmax", "Softmax", linear.coef_.T, linear.intercept_).run(None, {"x": x})
    yield from classified("iris-softmax", actual, scores.argmax(axis=1), scores)


def cancer(folder):
    data = load_breast_cancer()
    names = [name.replace(" ", "_") for name in data.feature_names[:6]]
    train, test, labels, actual = train_test_split(data.data[:, :6], data.target, test_size=0.4, random_state=3)
    text = [[f"{v:.6g}" for v in row] for row in test]
    table(
        folder,
        "cancer",
        ["patient", *names, "benign"],
        [[1000 + i, *row, "true" if label else "false"] for i, (row, label) in enumerate(zip(text, actual))],
    )
    x = np.array([[float(v) for v in row] for row in text]).astype(np.float32)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500)).fit(train, labels)
    answered, scores = exported(folder, "cancer", model, x[:1]).run(None, {"X": x})
    yield from classified("cancer", actual, answered, scores, positive=1)

    # One input for each column, by name.
    from sklearn.compose import ColumnTransformer

    columns = make_pipeline(
        ColumnTransformer([(name, StandardScaler(), [i]) for i, name in enumerate(names)]),
        LogisticRegression(C=0.1, max_iter=500),
    ).fit(train, labels)
    onnx = to_onnx(
        make_pipeline(columns.named_steps["logisticregression"]), x[:1], target_opset=OPSET, options={"zipmap": False}
    )
    # The classifier alone behind a Concat of the scaled columns.
    scaler = columns.named_steps["columntransformer"]
    means = np.array([scaler.named_transformers_[name].mean_[0] for name in names])
    scales = np.array([scaler.named_transformers_[name].scale_[0] for name in names])
    graph = onnx.graph
    del graph.input[:]
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.append(helper.make_node("Concat", names, ["raw"], axis=1))
    graph.node.append(helper.make_node("Sub", ["raw", "means"], ["centered"]))
    graph.node.append(helper.make_node("Div", ["centered", "scales"], ["X"]))
    graph.node.extend(nodes)
    graph.initializer.append(numpy_helper.from_array(means.astype(np.float32), "means"))
    graph.initializer.append(numpy_helper.from_array(scales.astype(np.float32), "scales"))
    # In an order other than the data's.
    for name in reversed(names):
        graph.input.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1]))
    save(onnx, folder / "cancer-columns.onnx")
    session = onnxruntime.InferenceSession(onnx.SerializeToString())
    answered, scores = session.run(None, {name: x[:, i : i + 1] for i, name in enumerate(names)})
    yield from classified("cancer-columns", actual, answered, scores, positive=1)

    scaled = LogisticRegression(C=1e-3, max_iter=5000).fit(train, labels)
    (scores,) = by_hand(folder, "cancer-sigmoid", "Sigmoid", scaled.coef_.T, scaled.intercept_).run(None, {"x": x})
    both = np.hstack([1 - scores.astype(np.float64), scores])
    yield from classified("cancer-sigmoid", actual, (scores[:, 0] >= 0.5).astype(int), both, positive=1)


def diabetes(folder):
    data = load_diabetes(scaled=False)
    train, test, labels, actual = train_test_split(data.data, data.target, test_size=0.4, random_state=3)
    names = [f"f_{name}" for name in data.feature_names]
    text = [[f"{v:.6g}" for v in row] for row in test]
    table(folder, "diabetes", [*names, "progression"], [[*row, int(label)] for row, label in zip(text, actual)])
    x = np.array([[float(v) for v in row] for row in text]).astype(np.float32)
    model = make_pipeline(StandardScaler(), Ridge(alpha=1.0)).fit(train, labels)
    onnx = to_onnx(model, x[:1], target_opset=OPSET)
    save(onnx, folder / "diabetes.onnx")
    (answered,) = onnxruntime.InferenceSession(onnx.SerializeToString()).run(None, {"X": x})
    answered = answered[:, 0].astype(np.float64)
    yield "diabetes", "mae", metrics.mean_absolute_error(actual, answered)
    yield "diabetes", "rmse", np.sqrt(metrics.mean_squared_error(actual, answered))
    yield "diabetes", "r2", metrics.r2_score(actual, answered)

    # Diverged: 0 / 0.
    graph = helper.make_graph(
        [
            helper.make_node("ReduceSum", ["x", "axis"], ["sum"], keepdims=1),
            helper.make_node("Sub", ["sum", "sum"], ["zero"]),
            helper.make_node("Div", ["zero", "zero"], ["y"]),
        ],
        "diverged",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 10])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 1])],
        [numpy_helper.from_array(np.array([1], dtype=np.int64), "axis")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = 8
    save(model, folder / "diverged.onnx")


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    expected = [*iris(folder), *cancer(folder), *diabetes(folder)]
    table(folder, "expected", ["model", "metric", "value"], [[m, k, repr(float(v))] for m, k, v in expected])


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
