"""What hack/test/trainers shows: see there. Needs TRAINER_IMAGES, the folder of unpacked images."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import duckdb
import joblib
import numpy as np
import onnxruntime

ROOT = Path(__file__).parents[2]
TRAINERS = ROOT / "samples" / "trainers"
ROOTFS = ROOT / "hack" / "images.d" / "rootfs"
IMAGES = Path(os.environ["TRAINER_IMAGES"])
COLUMNS = ["--label", "malignant", "--ignore", "event_timestamp"]
SECONDS = 300
# As the operator reads the log.
VALUE = re.compile(r"([\w|-]+)\s*=\s*([+-]?\d*(?:\.\d+)?(?:[Ee][+-]?\d+)?)")

data = Path(tempfile.mkdtemp(prefix="tatara-trainers."))


def setUpModule():
    subprocess.run([sys.executable, ROOT / "samples/data/breast_cancer.py", data / "raw"], check=True)
    table = f"(select *, row_number() over () % 10 as part from '{data}/raw/table.csv')"
    for kind in ("parquet", "csv"):
        (data / kind).mkdir()
        for part, rows in (("train", "part < 7"), ("validation", "part = 7")):
            duckdb.sql(f"copy (select * exclude (part) from {table} where {rows}) to '{data}/{kind}/{part}.{kind}'")
    test = duckdb.sql(f"select * exclude (part, event_timestamp) from {table} where part > 7").fetchnumpy()
    global test_labels, test_rows, features
    test_labels = np.asarray(test.pop("malignant"))
    features = list(test)
    test_rows = np.column_stack([test[name] for name in features]).astype(np.float32)
    for path in [data, *data.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def tearDownModule():
    shutil.rmtree(data)


class Run:
    """A trainer that runs as a process of this machine."""

    def __init__(self, trainer, folder, kind="parquet", hyperparameters=None, arguments=COLUMNS, environment=None):
        self.output = Path(tempfile.mkdtemp(dir=data))
        command = [sys.executable, TRAINERS / trainer / "train.py", *arguments]
        command += ["--input", folder or data / kind, "--output", self.output / "out"]
        if hyperparameters is not None:
            file = self.output / "hyperparameters.json"
            file.write_text(json.dumps(hyperparameters))
            command += ["--hyperparameters", file]
        self.process = subprocess.Popen(
            command, env=os.environ | (environment or {}), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def end(self):
        self.log, _ = self.process.communicate(timeout=SECONDS)
        return self.process.returncode

    def good(self):
        code = self.end()
        assert code == 0, self.log
        return self

    @property
    def files(self):
        out = self.output / "out"
        return sorted(str(file.relative_to(out)) for file in out.rglob("*") if file.is_file())

    def metrics(self):
        return json.loads((self.output / "out/metrics.json").read_text())

    def values(self):
        """Of each line with a step, what the operator reads."""
        lines = [dict(VALUE.findall(line)) for line in self.log.splitlines()]
        return [{name: float(value) for name, value in line.items()} for line in lines if "step" in line]


def answers(model, rows):
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    assert [given.name for given in session.get_inputs()] == ["features"]
    return session.run(["label", "probabilities"], {"features": rows})


class Trainer(unittest.TestCase):
    def assert_model(self, model, accuracy):
        labels, probabilities = answers(model, test_rows)
        self.assertGreaterEqual((labels == test_labels).mean(), accuracy)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
        # A row is answered alone as among others.
        np.testing.assert_allclose(answers(model, test_rows[:1])[1], probabilities[:1], rtol=1e-5)

    def assert_progress(self, run):
        lines = run.values()
        self.assertEqual([line["step"] for line in lines], sorted({line["step"] for line in lines}))
        self.assertTrue(all(np.isfinite(line["loss"]) for line in lines))
        self.assertEqual(lines[-1]["progress"], 1)


class Sklearn(Trainer):
    def test_writes_what_a_run_needs(self):
        run = Run("sklearn", None).good()
        self.assertEqual(
            run.files, ["artifacts/features.json", "artifacts/pipeline.joblib", "metrics.json", "model.onnx", "progress.jsonl"]
        )
        self.assert_progress(run)
        curve = [json.loads(line) for line in (run.output / "out/progress.jsonl").read_text().splitlines()]
        self.assertEqual([line["step"] for line in curve], [line["step"] for line in run.values()])
        self.assertTrue(all(np.isfinite(value) for value in run.metrics().values()))
        self.assertEqual(json.loads((run.output / "out/artifacts/features.json").read_text()), features)
        self.assert_model(run.output / "out/model.onnx", 0.93)

    def test_exports_what_it_trained(self):
        run = Run("sklearn", None).good()
        pipeline = joblib.load(run.output / "out/artifacts/pipeline.joblib")
        rows = test_rows.copy()
        rows[::3, 2] = np.nan
        labels, probabilities = answers(run.output / "out/model.onnx", rows)
        np.testing.assert_array_equal(labels, pipeline.predict(rows))
        np.testing.assert_allclose(probabilities, pipeline.predict_proba(rows), atol=1e-4)

    def test_gives_the_same_again(self):
        first, again, csv = (Run("sklearn", None, kind).good() for kind in ("parquet", "parquet", "csv"))
        self.assertEqual(first.log, again.log)
        self.assertEqual((first.output / "out/model.onnx").read_bytes(), (again.output / "out/model.onnx").read_bytes())
        self.assertEqual(first.metrics(), csv.metrics())
        other = Run("sklearn", None, environment={"TATARA_SEED": "7"}).good()
        self.assertNotEqual(first.metrics(), other.metrics())

    def test_takes_hyperparameters(self):
        few = Run("sklearn", None, hyperparameters={"epochs": 3, "activation": "tanh", "hidden_units": 4}).good()
        self.assertEqual([line["progress"] for line in few.values()], [0.333333, 0.666667, 1])
        patient = {"epochs": 500, "learning_rate": 0.1, "early_stopping": {"patience": 2}}
        stopped = Run("sklearn", None, hyperparameters=patient).good()
        self.assertEqual(stopped.values()[-1]["step"], stopped.metrics()["best_step"] + 2)
        self.assert_progress(stopped)

    def test_learns_from_rows_with_gaps(self):
        folder = Path(tempfile.mkdtemp(dir=data))
        for part in ("train", "validation"):
            gaps = "* replace (case when row_number() over () % 5 = 0 then null else worst_area end as worst_area)"
            duckdb.sql(f"copy (select {gaps} from '{data}/parquet/{part}.parquet') to '{folder}/{part}.parquet'")
        self.assert_model(Run("sklearn", folder).good().output / "out/model.onnx", 0.9)

    def test_says_which_columns_there_are(self):
        run = Run("sklearn", None, arguments=["--label", "malign"])
        self.assertNotEqual(run.end(), 0)
        self.assertIn("malign", run.log)
        self.assertIn("worst_radius", run.log)


class DataParallel(Trainer):
    def replicas(self, count, hyperparameters=None):
        with socket.socket() as free:
            free.bind(("", 0))
            port = free.getsockname()[1]
        meeting = {"WORLD_SIZE": str(count), "MASTER_ADDR": "localhost", "MASTER_PORT": str(port)}
        return [
            Run("data-parallel", None, "csv", hyperparameters, environment=meeting | {"RANK": str(rank)})
            for rank in range(count)
        ]

    def test_one_replica_is_enough(self):
        run = Run("data-parallel", None, "csv").good()
        self.assertEqual(run.files, ["metrics.json", "model.onnx"])
        self.assert_progress(run)
        self.assert_model(run.output / "out/model.onnx", 0.93)

    def test_replicas_learn_what_one_learns(self):
        alone = Run("data-parallel", None, "csv").good()
        for count in (2, 3):
            first, *others = [run.good() for run in self.replicas(count)]
            self.assertEqual([run.files for run in others], [[]] * len(others))
            self.assert_progress(first)
            self.assertAlmostEqual(first.metrics()["loss"], alone.metrics()["loss"], places=9)
            np.testing.assert_allclose(
                answers(first.output / "out/model.onnx", test_rows)[1],
                answers(alone.output / "out/model.onnx", test_rows)[1],
                atol=1e-5,
            )

    def test_all_end_when_one_does(self):
        first, second = self.replicas(2, {"steps": 10**9})
        for line in first.process.stdout:
            if "step" in line:
                break
        second.process.send_signal(signal.SIGKILL)
        second.end()
        self.assertNotEqual(first.end(), 0)
        self.assertIn("another replica went away", first.log)
        self.assertEqual(first.files, [])


class Images(Trainer):
    def run_image(self, name, kind):
        output = Path(tempfile.mkdtemp(dir=data))
        output.chmod(0o777)
        command = [ROOTFS, "run", IMAGES / name, "--volume", f"{data / kind}:/tatara/input"]
        command += ["--volume", f"{output}:/tatara/output", "--", *COLUMNS]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual({file.stat().st_uid for file in output.rglob("*")}, {10001})
        self.assertNotIn("Traceback", done.stdout)
        return done.stdout, output

    def test_train_as_a_user_without_rights(self):
        for name, kind in (("sklearn", "parquet"), ("data-parallel", "csv")):
            with self.subTest(name):
                log, output = self.run_image(name, kind)
                self.assertIn("progress=1", log)
                self.assert_model(output / "model.onnx", 0.93)

    def test_learn_the_same_as_by_hand(self):
        by_hand = Run("data-parallel", None, "csv").good()
        _, output = self.run_image("data-parallel", "csv")
        np.testing.assert_allclose(
            answers(output / "model.onnx", test_rows)[1],
            answers(by_hand.output / "out/model.onnx", test_rows)[1],
            atol=1e-5,
        )

    def test_hold_no_shell_and_nothing_setuid(self):
        for name in ("sklearn", "data-parallel"):
            root = IMAGES / name / "root"
            programs = [file.name for file in (root / "usr/bin").iterdir()]
            self.assertTrue(all(program.startswith("python3") for program in programs), programs)
            special = [file for file in root.rglob("*") if not file.is_symlink() and file.is_file() and file.stat().st_mode & 0o6022]
            self.assertEqual(special, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
