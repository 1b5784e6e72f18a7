#!/usr/bin/env python3
"""Trains a logistic regression on several replicas, with numpy alone.

    train.py --label COLUMN [--ignore COLUMN,COLUMN,...]

Every replica has all the data and takes its share of the rows: of 2 replicas the
first takes rows 1, 3, 5 ..., the second 2, 4, 6 ... Gradients are summed up over all
replicas, so that all take the same steps; replica 0 writes the model. If one fails,
the others notice and fail too, and the operator starts all of them again.
"""

import argparse
import csv
import json
import os
import socket
import struct
import time
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper


class Replicas:
    """Meet at MASTER_ADDR:MASTER_PORT, where replica 0 listens, and sum arrays up there."""

    PATIENCE = 300  # seconds: pods of one Job may start minutes apart

    def __init__(self):
        self.rank, self.size = (int(os.environ.get(*given)) for given in (("RANK", 0), ("WORLD_SIZE", 1)))
        self.peers = []
        if self.size > 1:
            port = int(os.environ["MASTER_PORT"])
            self.peers = self._admit(port) if self.rank == 0 else [self._join(os.environ["MASTER_ADDR"], port)]

    def _admit(self, port):
        admitted = {}
        with socket.create_server(("", port)) as server:
            server.settimeout(self.PATIENCE)
            while len(admitted) < self.size - 1:
                peer = server.accept()[0]
                peer.settimeout(self.PATIENCE)
                admitted[struct.unpack("!i", receive(peer, 4))[0]] = peer
        return [admitted[rank] for rank in sorted(admitted)]

    def _join(self, address, port):
        deadline = time.monotonic() + self.PATIENCE
        while True:
            try:
                peer = socket.create_connection((address, port), timeout=5)
                break
            except OSError:  # its name isn't known yet, or it doesn't listen yet
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
        peer.settimeout(self.PATIENCE)
        peer.sendall(struct.pack("!i", self.rank))
        return peer

    def sum(self, array):
        """The sum of all replicas' arrays: the same bits on each of them."""
        array = np.asarray(array, dtype=np.float64)
        try:
            if self.rank > 0:
                self.peers[0].sendall(array.tobytes())
                return self._receive(self.peers[0], array)
            for peer in self.peers:  # always in the same order: sums of fractions depend on it
                array = array + self._receive(peer, array)
            for peer in self.peers:
                peer.sendall(array.tobytes())
            return array
        except OSError as error:
            raise SystemExit(f"replica {self.rank}: another replica went away, see its log ({error})") from None

    @staticmethod
    def _receive(peer, like):
        return np.frombuffer(receive(peer, like.nbytes)).reshape(like.shape)


def receive(peer, size):
    data = bytearray()
    while len(data) < size:
        piece = peer.recv(size - len(data))
        if not piece:
            raise ConnectionError("connection closed")
        data += piece
    return bytes(data)


def read(file, label, ignored):
    with open(file, newline="", encoding="utf-8") as rows:
        table = list(csv.DictReader(rows))
    features = [name for name in table[0] if name != label and name not in ignored]
    if label not in table[0] or not features:
        raise SystemExit(f"expected the label {label} and features in {file}, found the columns {list(table[0])}")
    rows = np.array([[float(row[name]) for name in features] for row in table])
    return rows, np.array([float(row[label]) for row in table])


def train(replicas, rows, labels, chosen, report):
    rows, labels = rows[replicas.rank :: replicas.size], labels[replicas.rank :: replicas.size]
    count = replicas.sum(len(rows))
    mean = replicas.sum(rows.sum(axis=0)) / count
    deviation = np.sqrt(replicas.sum(((rows - mean) ** 2).sum(axis=0)) / count)
    deviation[deviation == 0] = 1
    scaled = np.column_stack([(rows - mean) / deviation, np.ones(len(rows))])

    weights = np.zeros(scaled.shape[1])  # the last one is the bias
    steps, rate, l2 = (chosen.get(*given) for given in (("steps", 300), ("learning_rate", 0.5), ("l2", 0.001)))
    for step in range(1, steps + 1):
        odds = scaled @ weights
        error = 1 / (1 + np.exp(-odds)) - labels
        loss = np.sum(np.logaddexp(0, odds) - labels * odds)
        *gradient, loss = replicas.sum([*(scaled.T @ error), loss]) / count
        weights = weights - rate * (np.array(gradient) + l2 * weights)
        if step % 10 == 0 or step == steps:
            report(step=step, loss=loss, progress=step / steps)
    return mean, deviation, weights, loss


def graph(mean, deviation, weights):
    """Scales, multiplies and answers both classes' probabilities and the more likely class."""
    constants = {
        "mean": mean,
        "deviation": deviation,
        "weights": np.column_stack([np.zeros(len(mean)), weights[:-1]]),
        "bias": np.array([0, weights[-1]]),
    }
    nodes = [
        helper.make_node("Sub", ["features", "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "deviation"], ["scaled"]),
        helper.make_node("Gemm", ["scaled", "weights", "bias"], ["odds"]),
        helper.make_node("Softmax", ["odds"], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["odds"], ["label"], axis=1, keepdims=0),
    ]
    inputs = [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, len(mean)])]
    outputs = [
        helper.make_tensor_value_info("label", TensorProto.INT64, [None]),
        helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 2]),
    ]
    initializers = [numpy_helper.from_array(value.astype(np.float32), name) for name, value in constants.items()]
    return helper.make_model(
        helper.make_graph(nodes, "logistic_regression", inputs, outputs, initializers),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
        producer_name="data-parallel",
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--label", required=True)
    parser.add_argument("--ignore", default=[], type=lambda names: names.split(","))
    parser.add_argument("--input", type=Path, default="/tatara/input")
    parser.add_argument("--output", type=Path, default="/tatara/output")
    parser.add_argument("--hyperparameters", type=Path, default="/tatara/hyperparameters.json")
    options = parser.parse_args()
    chosen = json.loads(options.hyperparameters.read_text()) if options.hyperparameters.exists() else {}

    def report(**values):
        if replicas.rank == 0:
            print(" ".join(f"{name}={value:.6g}" for name, value in values.items()), flush=True)

    rows, labels = read(options.input / "train.csv", options.label, options.ignore)
    replicas = Replicas()
    print(f"replica {replicas.rank} of {replicas.size}", flush=True)
    mean, deviation, weights, loss = train(replicas, rows, labels, chosen, report)
    if replicas.rank == 0:
        model = graph(mean, deviation, weights)
        options.output.mkdir(parents=True, exist_ok=True)
        (options.output / "model.onnx").write_bytes(model.SerializeToString())
        (options.output / "metrics.json").write_text(json.dumps({"loss": loss}))


if __name__ == "__main__":
    main()
