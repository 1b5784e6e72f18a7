"""Writes predictions on scikit-learn's real data sets, and scikit-learn's metrics of them, under
src/test/resources/golden/metrics.

Run in a virtual environment with scikit-learn:
    python libs/statistics/src/test/python/make_metrics.py libs/statistics/src/test/resources/golden/metrics
"""

import csv
import pathlib
import sys
import warnings

import numpy as np
from sklearn import metrics
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor


def write(folder, name, header, rows, expected):
    with open(folder / f"{name}.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)
    with open(folder / f"{name}-expected.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["metric", "averaging", "value"])
        for metric, averaging, value in expected:
            out.writerow([metric, averaging, repr(float(value))])


def classification(folder, name, data, digits, blind=None):
    rows, labels = data.data, data.target
    train, test, train_labels, actual = train_test_split(rows, labels, test_size=0.4, random_state=7)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=500)).fit(train, train_labels)
    # Few digits make ties, which ROC curves have to get right.
    scores = np.round(model.predict_proba(test), digits)
    if blind is not None:
        # A class that is never answered.
        scores[:, blind] = 0
    answered = scores.argmax(axis=1)
    binary = scores.shape[1] == 2
    expected = [("accuracy", "", metrics.accuracy_score(actual, answered))]
    for averaging in ("macro", "micro", "weighted") + (("binary",) if binary else ()):
        options = {"average": averaging, "zero_division": 0}
        expected.append(("precision", averaging, metrics.precision_score(actual, answered, **options)))
        expected.append(("recall", averaging, metrics.recall_score(actual, answered, **options)))
        expected.append(("f1", averaging, metrics.f1_score(actual, answered, **options)))
    if binary:
        expected.append(("roc_auc", "", metrics.roc_auc_score(actual, scores[:, 1])))
    else:
        # roc_auc_score wants rows that sum to 1, which rounding undoes: its own definition class by class.
        areas = [metrics.roc_auc_score(actual == i, scores[:, i]) for i in range(scores.shape[1])]
        expected.append(("roc_auc", "", np.mean(areas)))
    expected.append(("log_loss", "", metrics.log_loss(actual, scores)))
    for i, row in enumerate(metrics.confusion_matrix(actual, answered)):
        for j, count in enumerate(row):
            expected.append((f"count {i} {j}", "", count))
    header = ["actual", "answered"] + [f"score{i}" for i in range(scores.shape[1])]
    table = [[a, b] + [f"{s:.{digits}f}" for s in row] for a, b, row in zip(actual, answered, scores)]
    write(folder, name, header, table, expected)


def regression(folder, name, data, model):
    train, test, train_labels, actual = train_test_split(data.data, data.target, test_size=0.4, random_state=7)
    answered = model.fit(train, train_labels).predict(test)
    expected = [
        ("mae", "", metrics.mean_absolute_error(actual, answered)),
        ("rmse", "", np.sqrt(metrics.mean_squared_error(actual, answered))),
        ("r2", "", metrics.r2_score(actual, answered)),
    ]
    table = [[repr(float(a)), repr(float(b))] for a, b in zip(actual, answered)]
    write(folder, name, ["actual", "answered"], table, expected)


def main(folder):
    warnings.simplefilter("ignore")
    folder.mkdir(parents=True, exist_ok=True)
    classification(folder, "iris", load_iris(), 2)
    classification(folder, "digits", load_digits(), 3)
    classification(folder, "digits-blind", load_digits(), 3, blind=8)
    classification(folder, "breast-cancer", load_breast_cancer(), 2)
    regression(folder, "diabetes", load_diabetes(), Ridge(alpha=0.1))
    regression(folder, "diabetes-tree", load_diabetes(), DecisionTreeRegressor(max_depth=4, random_state=7))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
