"""Measures materializations into one Redis, ours and Feast's, and writes a table of them."""

import hashlib
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy
import pyarrow
import pyarrow.parquet
import redis

sys.path.insert(0, str(Path(__file__).parent.parent))
from measuring import carry_out, count, findings, free_port, median, options, process, rounds  # noqa: E402

OURS, AGAIN = "Tatara, the whole command", "the same once more"
OVER = "Tatara, over keys that are there"
FILE, DUCKDB = "Feast's materialize(), file store", "Feast's materialize(), DuckDB store"
OFFLINE = {FILE: "file", DUCKDB: "duckdb"}
TARGET, FEATURES = 10, 10
JANUARY, SECONDS = 1767225600, 31 * 86400
VIEW = """apiVersion: mlops.tatara.dev/v1alpha1
kind: FeatureView
metadata: {{name: activity, namespace: bench}}
spec:
  entities: [{{name: user, joinKey: user_id, type: INT64}}]
  features: [{features}]
  ttl: 3650d
  source: {{uri: "s3://raw/rows.parquet", timestampColumn: event_timestamp}}
  online: {{enabled: true, project: bench, redis: {{secretRef: {{name: redis}}}}}}
"""


class Redis:
    """One server for all, emptied before each measurement."""

    def __init__(self, program, folder):
        self.port = free_port()
        command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self.client = redis.Redis(port=self.port)
        for _ in range(200):
            try:
                self.client.ping()
                return
            except redis.ConnectionError:
                time.sleep(0.05)
        sys.exit("Redis doesn't start")

    def cpu(self):
        info = self.client.info("cpu")
        return info["used_cpu_user"] + info["used_cpu_sys"]

    def content(self, rows):
        """How many keys there are, and a digest of the hashes of 2000 of them."""
        digest = hashlib.sha256()
        for user in numpy.linspace(1, rows, 2000, dtype=int):
            key = struct.pack("<III7sIIq", 1, 2, 7, b"user_id", 4, 8, user) + b"bench"
            for field, value in sorted(self.client.hgetall(key).items()):
                digest.update(field + b"=" + value)
        return f"{self.client.dbsize()} keys, {digest.hexdigest()[:16]}"


class Bench:
    def __init__(self, options):
        self.options = options
        self.rows = count(options.rows)
        self.data = options.cache / f"data-{self.rows}"
        self.work = Path(tempfile.mkdtemp(prefix="work-", dir=options.cache))
        self.redis = Redis(options.redis, self.work)
        self.contenders = [OURS, OVER, AGAIN] if options.ours else [OURS, OVER, FILE, DUCKDB, AGAIN]

    def prepare(self):
        if not (self.data / "rows.parquet").exists():
            self.data.mkdir(exist_ok=True)
            random = numpy.random.default_rng(20261121)
            seconds = JANUARY + random.integers(0, SECONDS, self.rows)
            columns = {
                "user_id": pyarrow.array(random.permutation(self.rows) + 1, pyarrow.int64()),
                "event_timestamp": pyarrow.array(seconds * 10**6, pyarrow.timestamp("us", tz="UTC")),
            }
            for number in range(FEATURES):
                columns[f"f{number}"] = pyarrow.array(random.normal(size=self.rows), pyarrow.float64())
            pyarrow.parquet.write_table(pyarrow.table(columns), self.data / "making.parquet")
            (self.data / "making.parquet").rename(self.data / "rows.parquet")
        features = ", ".join(f"{{name: f{number}, type: DOUBLE}}" for number in range(FEATURES))
        (self.work / "view.yaml").write_text(VIEW.format(features=features))
        (self.work / "redis").mkdir()
        (self.work / "redis" / "url").write_text(f"redis://127.0.0.1:{self.redis.port}")
        (self.work / "rows.parquet").symlink_to(self.data / "rows.parquet")
        self.train()
        for contender in self.contenders:
            if contender in OFFLINE:
                subprocess.run(self.feast("apply", contender), check=True, capture_output=True)

    def train(self):
        """Makes an AOT cache by what trains the image's: the inspection of a model, from a store to a store."""
        model = self.options.root / "libs/onnx/src/test/resources/models/iris.onnx"
        command = [
            *self.java(f"-XX:AOTCacheOutput={self.work}/app.aot"),
            *("inspect-model", "--source", f"file://{model}", "--store", f"file://{self.work}/training"),
            *("--result-key", "inspections/training/result.json"),
        ]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "ORT_DISABLE_TELEMETRY": "1"})

    def java(self, cache):
        """As the image starts it."""
        application = self.options.application
        return [
            *(str(self.options.java), "-XX:+UseSerialGC", "-XX:-UsePerfData", "--enable-native-access=ALL-UNNAMED", cache),
            *(f"-Donnxruntime.native.path={application}/native", "-jar", f"{application}/tatara-steps.jar"),
        ]

    def feast(self, what, contender):
        side = Path(__file__).with_name("feast_side.py")
        return [sys.executable, "-W", "ignore", str(side), what, str(self.work), str(self.redis.port), OFFLINE[contender]]

    def command(self, contender):
        if contender in OFFLINE:
            return self.feast("materialize", contender)
        return [
            *self.java(f"-XX:AOTCache={self.work}/app.aot"),
            *("materialize", "--view", str(self.work / "view.yaml"), "--source", f"file://{self.data}/rows.parquet"),
            *("--store", f"file://{self.work}/store", "--redis-credentials", str(self.work / "redis")),
            *("--end", "2026-02-01T00:00:00Z"),
        ]

    def measure(self, contender):
        if contender != OVER:
            self.redis.client.flushall()
        shutil.rmtree(self.work / "store", ignore_errors=True)
        before = self.redis.cpu()
        measured, output = process(contender, self.command(contender), self.work)
        if self.options.ours:
            print(output, file=sys.stderr)
        call = re.search(r"^seconds=(.*)$", output, re.MULTILINE)
        return {
            **measured,
            "seconds": float(call.group(1)) if call else measured["seconds"],
            "process": measured["seconds"],
            "redis": self.redis.cpu() - before,
        }

    def run(self):
        contents = {}

        def measure(contender):
            measured = self.measure(contender)
            if contender not in contents:
                contents[contender] = self.redis.content(self.rows)
            return measured

        found = rounds(self.contenders, self.options.rounds, measure, lambda took: f"{took['seconds']:.2f} s")
        if len(set(contents.values())) != 1:
            sys.exit(f"expected the same in Redis from all, found: {contents}")
        return findings(self, found, rows=self.rows)

    def stop(self):
        self.redis.process.terminate()
        self.redis.process.wait()
        shutil.rmtree(self.work, ignore_errors=True)


def text(result):
    rows, peers = result["rows"], [contender for contender in result["found"] if contender in OFFLINE]
    best = min((median(result, peer, "seconds") for peer in peers), default=None)
    lines = [
        f"### {rows:,} entities, ten features",
        "",
        "| | seconds | rows/s | of Feast's better one | CPU seconds | of them Redis' | peak memory |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for contender in result["found"]:
        seconds, server = median(result, contender, "seconds"), median(result, contender, "redis")
        peak = max(measured["peak"] for measured in result["found"][contender])
        lines.append(
            f"| {contender} | {seconds:.2f} | {rows / seconds:,.0f} | {f'{best / seconds:.2f}x' if best else '–'} "
            f"| {median(result, contender, 'cpu') + server:.2f} | {server:.2f} | {peak / 2**30:.2f} GiB |"
        )
    if best:
        ratio = best / median(result, OURS, "seconds")
        lines += ["", f"Target: at least {TARGET}x: {ratio:.1f}x, {'met' if ratio >= TARGET else 'missed'}."]
    lines += ["", f"Measured on {result['machine']}, {result['date']}: medians of {result['rounds']} rounds, the highest peak."]
    return "\n".join(lines) + "\n"


def main():
    parser = options(("java", "application", "redis", "cache", "root"), rows="500k", rounds=3)
    parser.add_argument("--ours", action="store_true")
    given = parser.parse_args()
    # Half of a comparison is not for the page.
    given.dry = given.dry or given.ours
    carry_out(Bench(given), "materialize", "Materialization", text)


if __name__ == "__main__":
    main()
