"""FastAPI with onnxruntime, as its users write it. Started as `uvicorn server:app`; MODEL names the file."""

import os

import numpy as np
import onnxruntime
from fastapi import FastAPI
from pydantic import BaseModel

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
model_input = session.get_inputs()[0]
integers = model_input.type == "tensor(int64)"
output_names = [output.name for output in session.get_outputs()]

app = FastAPI()


class Request(BaseModel):
    rows: list[list[int]] if integers else list[list[float]]


@app.get("/ready")
async def ready():
    return {}


@app.post("/predict")
async def predict(request: Request):
    rows = np.asarray(request.rows, dtype=np.int64 if integers else np.float32)
    answers = session.run(output_names, {model_input.name: rows})
    return {name: answer.tolist() for name, answer in zip(output_names, answers)}
