#!/usr/bin/env python3
"""A world that shifts: what is measured there, and who asks a service about it.

world.py rows before|after COUNT MINUTES     labelled rows of so long ago, as CSV
world.py traffic URL MODEL FILE              asks about rows of the world that FILE names,
                                             20 at a time, five times a second, until it is killed
world.py accuracy URL MODEL before|after     of the service's answers to 500 rows

The second of four numbers nearly tells the label. After the shift the first number is
three of its standard deviations higher, and the second tells the opposite.
"""

import json
import signal
import sys
import threading
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np


def world(name, count, random):
    numbers = random.normal(size=(count, 4)).round(3)
    told = numbers[:, 1] + 0.2 * random.normal(size=count) > 0
    if name == "after":
        numbers[:, 0] = (numbers[:, 0] + 3).round(3)
        told = ~told
    return numbers, told.astype(int)


def ask(url, model, numbers):
    tensor = {
        "name": "features",
        "datatype": "FP32",
        "shape": list(numbers.shape),
        "data": numbers.ravel().tolist(),
    }
    request = urllib.request.Request(
        f"{url}/v2/models/{model}/infer",
        data=json.dumps({"inputs": [tensor]}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=15) as response:
        return json.load(response)


def rows(name, count, minutes):
    at = (datetime.now(timezone.utc) - timedelta(minutes=float(minutes))).isoformat()
    numbers, labels = world(name, int(count), np.random.default_rng(7))
    for features, label in zip(numbers, labels):
        print(f"{at},{','.join(map(str, features))},{label}")


def traffic(url, model, file):
    random, ended, asked, failed = np.random.default_rng(11), threading.Event(), 0, 0
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    while not ended.wait(0.2):
        asked += 1
        try:
            ask(url, model, world(Path(file).read_text().strip(), 20, random)[0])
        except OSError as error:
            failed += 1
            print(f"failed: {error}", flush=True)
    print(f"{asked} requests of 20 rows: {failed} failed")


def accuracy(url, model, name):
    numbers, labels = world(name, 500, np.random.default_rng(13))
    answer = ask(url, model, numbers)
    told = next(output for output in answer["outputs"] if output["name"] == "label")["data"]
    print(f"{np.mean(np.array(told, dtype=int) == labels):.4f}")


if __name__ == "__main__":
    {"rows": rows, "traffic": traffic, "accuracy": accuracy}[sys.argv[1]](*sys.argv[2:])
