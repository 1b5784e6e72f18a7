"""Evidently's preset on the bench's data: evidently_side.py DATA ROWS COLUMNS. Only run() counts, not the start."""

import os
import sys
import time
import warnings
from pathlib import Path

os.environ["DO_NOT_TRACK"] = "1"

import numpy  # noqa: E402
import pandas  # noqa: E402
from evidently import DataDefinition, Dataset, Report  # noqa: E402
from evidently.presets import DataDriftPreset  # noqa: E402

warnings.simplefilter("ignore")
data, rows, columns = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
names = [f"f{column}" for column in range(columns)]


def read(side):
    values = numpy.fromfile(data / side, dtype="<f8").reshape(columns, rows)
    frame = pandas.DataFrame({name: values[column] for column, name in enumerate(names)})
    return Dataset.from_pandas(frame, data_definition=DataDefinition(numerical_columns=names))


reference, current = read("reference"), read("current")
began = time.monotonic()
result = Report([DataDriftPreset()]).run(current, reference).dict()
print(f"seconds={time.monotonic() - began}")
distances = [float(metric["value"]) for metric in result["metrics"] if not isinstance(metric["value"], dict)]
print(f"sum={sum(distances)}")
