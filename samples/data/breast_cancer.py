#!/usr/bin/env python3
"""Writes the data that the training samples learn from.

    breast_cancer.py FOLDER

It is the breast-cancer set that scikit-learn brings along: 569 samples of tissue,
ten measurements of the cell nuclei in each, benign or malignant. Patients' numbers
and times are made up, so that there is something to join:

    measurements/part-*.csv   raw rows, as an instrument would write them. Every third
                              sample was measured before, more coarsely: only the later
                              row may be learned from
    diagnoses.csv             who was diagnosed when, and how (malignant: 1, benign: 0)
    table.csv                 both in one table, for training without features

The same files come out everywhere, byte for byte.
"""

import csv
import sys
from datetime import datetime, timedelta
from pathlib import Path

from sklearn.datasets import load_breast_cancer

FIRST = datetime(2025, 1, 1)
APART = timedelta(hours=6)
MEASURED_BEFORE = timedelta(days=2)
DIAGNOSED_AFTER = timedelta(days=1)
WRITTEN_AFTER = timedelta(minutes=20)
PARTS = 4


def time(value):
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


def write(path, header, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def main():
    folder = Path(sys.argv[1])
    data = load_breast_cancer()
    # The worst nuclei of a sample say most; their names become column names.
    worst = [i for i, name in enumerate(data.feature_names) if name.startswith("worst ")]
    features = [str(data.feature_names[i]).replace(" ", "_") for i in worst]

    measurements, diagnoses, table = [], [], []
    for number, (row, benign) in enumerate(zip(data.data[:, worst].tolist(), data.target.tolist())):
        patient, malignant = 10001 + number, 1 - benign
        measured = FIRST + number * APART
        if number % 3 == 0:
            before = measured - MEASURED_BEFORE
            coarse = [float(f"{value:.1g}") for value in row]
            measurements.append([patient, time(before), time(before + WRITTEN_AFTER), *coarse])
        measurements.append([patient, time(measured), time(measured + WRITTEN_AFTER), *row])
        diagnosed = time(measured + DIAGNOSED_AFTER)
        diagnoses.append([patient, diagnosed, malignant])
        table.append([diagnosed, *row, malignant])

    for part in range(PARTS):
        write(
            folder / "measurements" / f"part-{part + 1}.csv",
            ["patientId", "measured_at", "written_at", *features],
            measurements[part::PARTS],
        )
    write(folder / "diagnoses.csv", ["patient_id", "event_timestamp", "malignant"], diagnoses)
    write(folder / "table.csv", ["event_timestamp", *features, "malignant"], table)
    print(f"{folder}: {len(measurements)} measurements of {len(diagnoses)} patients, {len(features)} features")


if __name__ == "__main__":
    main()
