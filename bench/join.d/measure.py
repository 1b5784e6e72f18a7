"""Measures the join, its step and DuckDB's bare ASOF join, and writes tables of it."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from measuring import carry_out, count, findings, median, options, process, rounds  # noqa: E402

BARE, AGAIN, OURS, STEP = "DuckDB's bare ASOF join", "the same once more", "our join", "our step"
TARGET, BOUND = 1.3, 4 * 2**30
VIEW = """apiVersion: mlops.tatara.dev/v1alpha1
kind: FeatureView
metadata: {{name: view{number}, namespace: bench}}
spec:
  entities: [{{name: user, joinKey: user_id, type: INT64}}]
  features: [{features}]
  ttl: 3650d
  source: {{uri: "s3://raw/view{number}.parquet", timestampColumn: event_timestamp}}
"""


def size(text):
    found = re.fullmatch(r"(\d+)(Ki|Mi|Gi)?", text)
    return int(found.group(1)) * {None: 1, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}[found.group(2)]


def sha256(file):
    with open(file, "rb") as bytes_:
        return hashlib.file_digest(bytes_, "sha256").hexdigest()


class Bench:
    def __init__(self, options):
        self.options = options
        self.rows = count(options.rows)
        self.memory = size(options.memory)
        self.threads = options.threads or len(os.sched_getaffinity(0))
        self.data = options.cache / f"data-{self.source()}-{self.rows}"
        self.work = Path(tempfile.mkdtemp(prefix="work-", dir=options.cache))
        self.libraries = f"{options.application}/tatara-steps.jar:{options.application}/lib/*"

    def source(self):
        return sha256(Path(__file__).with_name("JoinBench.java"))[:12]

    def java(self, *arguments):
        return [str(self.options.java), "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", *arguments]

    def bench(self, what, data, work, *further):
        classes = f"{self.options.cache}/classes:{self.libraries}"
        limits = [str(self.memory), str(self.threads)]
        return self.java("-cp", classes, "dev.tatara.bench.join.JoinBench", what, str(data), str(work), *limits, *further)

    def prepare(self):
        """Data and a store with a snapshot of each view, made once."""
        if self.data.exists():
            return
        scratch = Path(tempfile.mkdtemp(prefix="making-", dir=self.options.cache))
        print(f"making {self.rows:,} entity rows and 3 views of {2 * self.rows:,}", file=sys.stderr)
        subprocess.run(self.bench("data", scratch, self.work, str(self.rows)), check=True)
        for number in (1, 2, 3):
            self.store(scratch, number)
        scratch.rename(self.data)

    def store(self, folder, number):
        file = folder / f"view{number}.parquet"
        digest = sha256(file)
        below = f"features/bench/view{number}"
        data = folder / "store" / below / "data"
        data.mkdir(parents=True)
        os.link(file, data / f"{digest}.parquet")
        catalog = {
            "schema": "tatara.dev/feature-snapshot/v1",
            "view": f"view{number}",
            "namespace": "bench",
            "number": 1,
            "intervalEnd": "2025-01-01T00:00:00Z",
            "specSha256": "0" * 64,
            "rows": 2 * self.rows,
            "entities": self.rows // 10,
            "files": [
                {
                    "key": f"{below}/data/{digest}.parquet",
                    "sha256": digest,
                    "sizeBytes": file.stat().st_size,
                    "rows": 2 * self.rows,
                    "minTimestamp": "2024-01-01T00:00:00Z",
                    "maxTimestamp": "2025-01-01T00:00:00Z",
                }
            ],
        }
        snapshots = folder / "store" / below / "snapshots"
        snapshots.mkdir()
        (snapshots / "00000001.json").write_text(json.dumps(catalog))
        features = ", ".join(f"{{name: v{number}_f{f}, type: DOUBLE}}" for f in (1, 2, 3, 4))
        (folder / f"view{number}.yaml").write_text(VIEW.format(number=number, features=features))

    def command(self, contender):
        if contender in (BARE, AGAIN):
            return self.bench("bare", self.data, self.work)
        if contender == OURS:
            return self.bench("ours", self.data, self.work)
        views = [word for n in (1, 2, 3) for word in ("--view", str(self.data / f"view{n}.yaml"))]
        return self.java(
            "-jar",
            f"{self.options.application}/tatara-steps.jar",
            "join",
            *("--entities", f"file://{self.data}/entities.parquet"),
            *("--store", f"file://{self.data}/store", "--output", f"file://{self.work}"),
            *("--memory", str(self.memory), "--threads", str(self.threads)),
            *views,
        )

    def measure(self, contender):
        """One process from start to end, all it did."""
        return process(contender, self.command(contender), self.work)[0]

    def digest(self):
        check = self.bench("check", self.data, self.work, str(self.work / "dataset.parquet"))
        return subprocess.run(check, check=True, capture_output=True, text=True).stdout.strip()

    def run(self):
        digests = {}

        def measure(contender):
            measured = self.measure(contender)
            if contender not in digests:
                digests[contender] = self.digest()
            return measured

        contenders = (BARE, OURS, STEP, AGAIN)
        found = rounds(contenders, self.options.rounds, measure, lambda took: f"{took['seconds']:.2f} s, {took['cpu']:.2f} s CPU")
        if len(set(digests.values())) != 1:
            sys.exit(f"expected the same rows from all, found: {digests}")
        return {str(self.rows): findings(self, found, memory=self.memory, threads=self.threads, rows=self.rows)}

    def stop(self):
        shutil.rmtree(self.work, ignore_errors=True)


def section(result):
    lines = [
        f"### {result['rows']:,} entity rows, 3 views of {2 * result['rows']:,}",
        "",
        "| | seconds | of the bare join | CPU seconds | of the bare join | peak memory |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for contender in result["found"]:
        seconds, cpu = median(result, contender, "seconds"), median(result, contender, "cpu")
        peak = max(measured["peak"] for measured in result["found"][contender])
        lines.append(
            f"| {contender} | {seconds:.2f} | {seconds / median(result, BARE, 'seconds'):.2f}x "
            f"| {cpu:.2f} | {cpu / median(result, BARE, 'cpu'):.2f}x | {peak / 2**30:.2f} GiB |"
        )
    ratio = median(result, OURS, "seconds") / median(result, BARE, "seconds")
    peak = max(measured["peak"] for c in (OURS, STEP) for measured in result["found"][c])
    lines += [
        "",
        f"Targets: our join within {TARGET}x: {ratio:.2f}x, {'met' if ratio <= TARGET else 'missed'}; "
        f"join and step within 4 GiB: {peak / 2**30:.2f} GiB, {'met' if peak <= BOUND else 'missed'}.",
        "",
        f"Measured on {result['machine']}, {result['date']}: medians of {result['rounds']} rounds, the highest peak; "
        f"{result['threads']} threads, {result['memory'] / 2**20:,.0f} MiB for rows.",
    ]
    return "\n".join(lines)


def text(results):
    return "\n\n".join(section(results[rows]) for rows in sorted(results, key=int)) + "\n"


def with_others(results, root):
    """With the results of other numbers of rows, which are kept."""
    before = root / "bench" / "results" / "join.json"
    return {**(json.loads(before.read_text()) if before.exists() else {}), **results}


def main():
    parser = options(("java", "application", "cache", "root"), rows="1M", rounds=5, memory="2500Mi")
    parser.add_argument("--threads", type=int)
    given = parser.parse_args()
    carry_out(Bench(given), "join", "Point-in-time join", text, lambda results: with_others(results, given.root))


if __name__ == "__main__":
    main()
