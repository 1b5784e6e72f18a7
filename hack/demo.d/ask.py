#!/usr/bin/env python3
"""Sends the held-out rows through a service and prints the accuracy of its answers.

ask.py URL MODEL HOLDOUT.json, in plain Open Inference Protocol (V2) requests.
"""

import json
import sys
import urllib.request

BATCH = 50

url, model, holdout = sys.argv[1:]
with open(holdout, encoding="utf-8") as file:
    data = json.load(file)
rows, labels = data["rows"], data["labels"]

answers, versions = [], set()
for start in range(0, len(rows), BATCH):
    batch = rows[start : start + BATCH]
    tensor = {
        "name": data.get("input", "X"),
        "datatype": data.get("datatype", "FP32"),
        "shape": [len(batch), len(batch[0])],
        "data": sum(batch, []),
    }
    with urllib.request.urlopen(
        urllib.request.Request(
            f"{url}/v2/models/{model}/infer",
            data=json.dumps({"inputs": [tensor]}).encode(),
            headers={"Content-Type": "application/json"},
        ),
        timeout=30,
    ) as response:
        answer = json.load(response)
    label = next(output for output in answer["outputs"] if output["name"] == "label")
    answers += label["data"]
    versions.add(str(answer.get("model_version")))

right = sum(int(answer) == label for answer, label in zip(answers, labels))
assert len(answers) == len(labels), f"{len(labels)} rows sent, {len(answers)} answered"
print(f"{right / len(labels):.4f} version {','.join(sorted(versions))}")
