#!/usr/bin/env python3
"""Trains a classifier with scikit-learn, as the trainer of a TrainingJob.

    train.py --label COLUMN [--ignore COLUMN,COLUMN,...]

All other columns are features, in the order of the data. On a laptop, --input,
--output and --hyperparameters name folders and a file of your own.
"""

import argparse
import copy
import json
import os
from pathlib import Path

import duckdb
import joblib
import numpy as np
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def read(folder, part, label, ignored):
    """Rows, labels and names of the features; Parquet and CSV alike. What is missing is NaN."""
    file = next(folder.glob(part + ".*"), None)
    if file is None:
        raise SystemExit(f"expected {part}.parquet or {part}.csv in {folder}, found none")
    table = duckdb.sql(f"from '{file}'")
    features = [name for name in table.columns if name != label and name not in ignored]
    if label not in table.columns or not features:
        raise SystemExit(f"expected the label {label} and features in {file}, found the columns {table.columns}")
    numbers = table.project(", ".join(f'"{name}"::float as "{name}"' for name in features)).fetchnumpy()
    rows = np.column_stack([np.ma.filled(numbers[name], np.nan) for name in features])
    return rows, np.asarray(table.project(f'"{label}"').fetchnumpy()[label]), features


def report(output, **values):
    """A line that the operator reads from the log, and the same for the model card."""
    print(" ".join(f"{name}={value:.6g}" for name, value in values.items()), flush=True)
    with open(output / "progress.jsonl", "a", encoding="utf-8") as file:
        file.write(json.dumps(values) + "\n")


def train(options, chosen, output):
    rows, labels, features = read(options.input, "train", options.label, options.ignore)
    held_rows, held_labels, _ = read(options.input, "validation", options.label, options.ignore)
    classes = np.unique(labels)

    prepare = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    prepared, held = prepare.fit_transform(rows), prepare.transform(held_rows)
    network = MLPClassifier(
        hidden_layer_sizes=[int(chosen.get("hidden_units", 16))],
        activation=chosen.get("activation", "relu"),
        learning_rate_init=float(chosen.get("learning_rate", 0.01)),
        alpha=float(chosen.get("alpha", 0.001)),
        random_state=int(os.environ.get("TATARA_SEED", 42)) % 2**32,
    )

    epochs = int(chosen.get("epochs", 60))
    patience = int(chosen.get("early_stopping", {}).get("patience", epochs))
    best, best_loss, best_step = None, np.inf, 0
    for step in range(1, epochs + 1):
        network.partial_fit(prepared, labels, classes)
        loss = log_loss(held_labels, network.predict_proba(held), labels=classes)
        if loss < best_loss:
            best, best_loss, best_step = copy.deepcopy(network), loss, step
        stop = step - best_step >= patience
        report(output, step=step, loss=loss, train_loss=network.loss_, progress=1 if stop else step / epochs)
        if stop:
            break

    answers = best.predict(held)
    metrics = {
        "loss": best_loss,
        "accuracy": accuracy_score(held_labels, answers),
        "f1": f1_score(held_labels, answers, average="macro"),
        "best_step": best_step,
    }
    return make_pipeline(*(step for _, step in prepare.steps), best), metrics, features


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--label", required=True)
    parser.add_argument("--ignore", default=[], type=lambda names: names.split(","))
    parser.add_argument("--input", type=Path, default="/tatara/input")
    parser.add_argument("--output", type=Path, default="/tatara/output")
    parser.add_argument("--hyperparameters", type=Path, default="/tatara/hyperparameters.json")
    options = parser.parse_args()
    chosen = json.loads(options.hyperparameters.read_text()) if options.hyperparameters.exists() else {}
    output = options.output
    (output / "artifacts").mkdir(parents=True, exist_ok=True)

    model, metrics, features = train(options, chosen, output)

    # Imputer and scaler are part of the graph, so callers send the features as they are. Without
    # ZipMap the probabilities are a tensor and not a list of maps.
    inputs = [("features", FloatTensorType([None, len(features)]))]
    # A name, as it would be a random one else: the same data and seed give the same bytes.
    graph = to_onnx(model, name="classifier", initial_types=inputs, options={"zipmap": False}, target_opset=17)
    # skl2onnx lists the operator sets as they come out of a set, now so, now so.
    operator_sets = sorted(graph.opset_import, key=lambda operators: operators.domain)
    del graph.opset_import[:]
    graph.opset_import.extend(operator_sets)
    (output / "model.onnx").write_bytes(graph.SerializeToString())
    (output / "metrics.json").write_text(json.dumps(metrics))
    (output / "artifacts" / "features.json").write_text(json.dumps(features))
    joblib.dump(model, output / "artifacts" / "pipeline.joblib")


if __name__ == "__main__":
    main()
