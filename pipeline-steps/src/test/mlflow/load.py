"""Loads a registered model as a generic function and as ONNX, and asks it about one row of four numbers.

load.py ADDRESS
"""

import json
import sys

import mlflow
import numpy

generic = mlflow.pyfunc.load_model(sys.argv[1])
onnx = mlflow.onnx.load_model(sys.argv[1])
answer = generic.predict(numpy.array([[1, 2, 3, 4]], dtype=numpy.float32))
values = next(iter(answer.values())) if isinstance(answer, dict) else answer
json.dump({"answer": numpy.asarray(values).ravel().tolist(), "inputs": [i.name for i in onnx.graph.input]}, sys.stdout)
