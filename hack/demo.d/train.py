#!/usr/bin/env python3
"""Trains the versions of the model that hack/demo serves.

Data: the handwritten digits that scikit-learn brings along (1,797 pictures of
8 x 8 pixels, 10 classes). A quarter of them is held out and never seen in
training. Version 1 is a logistic regression, version 2 a support vector
machine. Both are exported with their preprocessing inside the ONNX graph, so a
caller sends plain pixels. Version 3 is a mistake that happens: a support vector
machine on pixels that were scaled before, so that it is right in training, and
wrong about the plain pixels that callers send.

Writes into the given folder: digits-<version>.onnx, metrics-<version>.json and
holdout.json (rows and labels), and prints the held-out accuracy of each.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from skl2onnx import to_onnx
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC

OPSET = 17
SEED = 42


def candidates():
    yield "1", make_pipeline(StandardScaler(), LogisticRegression(max_iter=500, C=0.05)), 1
    yield "2", make_pipeline(MinMaxScaler(), SVC(C=10.0, gamma="scale")), 1
    yield "3", make_pipeline(SVC(C=10.0, gamma="scale")), 1 / 16


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=Path)
    folder = arguments.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)

    rows, labels = load_digits(return_X_y=True)
    rows = rows.astype(np.float32)
    train_rows, held_out_rows, train_labels, held_out_labels = train_test_split(
        rows, labels, test_size=0.25, stratify=labels, random_state=SEED
    )
    (folder / "holdout.json").write_text(
        json.dumps({"rows": held_out_rows.tolist(), "labels": held_out_labels.tolist()})
    )

    for version, model, scale in candidates():
        model.fit(train_rows * np.float32(scale), train_labels)
        answers = model.predict(held_out_rows * np.float32(scale))
        metrics = {
            "accuracy": round(float(accuracy_score(held_out_labels, answers)), 4),
            "f1": round(float(f1_score(held_out_labels, answers, average="macro")), 4),
        }
        # One tensor of labels is what a caller wants first; without ZipMap the
        # probabilities are a tensor too and not a list of maps.
        exported = to_onnx(model, train_rows[:1], name="digits", target_opset=OPSET, options={"zipmap": False})
        (folder / f"digits-{version}.onnx").write_bytes(exported.SerializeToString())
        (folder / f"metrics-{version}.json").write_text(json.dumps(metrics))
        estimator = type(model[-1]).__name__
        print(
            f"digits {version}: {estimator}, {len(train_rows)} rows to learn from, "
            f"{len(held_out_rows)} held out: accuracy {metrics['accuracy']:.4f}"
        )


if __name__ == "__main__":
    main()
