"""Measures evaluations of drift by the packaged step, and writes a table of them."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from measuring import carry_out, findings, median, options, process, rounds  # noqa: E402

HOURLY, ROLLED, MINUTES, AGAIN = "an hourly pane of each pod", "rolled up over pods", "an hour of minutes", "the first once more"
START, NOON, ONE, FOUR = "2026-11-20T12:00:00Z", "2026-11-21T12:00:00Z", "2026-11-21T00:00:00Z", "2026-11-21T04:00:00Z"
SECONDS, BYTES, HEAP = 10, 512 * 2**20, "256m"
POLICY = """apiVersion: mlops.tatara.dev/v1alpha1
kind: DriftPolicy
metadata: {name: bench, namespace: bench}
spec:
  target: {inferenceService: churn}
  window: {length: 24h, minSamples: 1000}
  data: {share: 0.3, defaults: {test: PSI, distance: 0.2}}
  prediction: {test: PSI, distance: 0.2}
  service: {errorRate: 0.01, latencyP99Millis: 500}
  report: {html: true}
"""


class Bench:
    def __init__(self, options):
        self.options = options
        self.data = options.cache / f"data-{options.pods}-{options.features}"
        self.work = Path(tempfile.mkdtemp(prefix="work-", dir=options.cache))
        self.libraries = f"{options.application}/tatara-steps.jar:{options.application}/lib/*"

    def java(self, *arguments):
        return [str(self.options.java), "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", *arguments]

    def step(self, store, at, *further):
        return self.java(
            *(f"-Xmx{HEAP}", "-jar", f"{self.options.application}/tatara-steps.jar", "drift"),
            *("--policy", str(self.data / "policy.yaml"), "--revision", "55ab012345", "--at", at),
            *("--baseline", "profile.json", "--output", "drift-evaluations/bench/bench/1-x"),
            *("--store", f"file://{store}", "--termination-message", str(self.work / "message"), *further),
        )

    def make(self, name, start, panes, minutes, rows):
        folder = self.data / name
        if not folder.exists():
            making = Path(tempfile.mkdtemp(prefix="making-", dir=self.options.cache))
            print(f"making {panes * self.options.pods:,} panes", file=sys.stderr)
            numbers = [str(n) for n in (self.options.pods, self.options.features)]
            arguments = [str(making), *numbers, start, str(panes), str(minutes), str(rows)]
            classes = f"{self.options.cache}/classes:{self.libraries}"
            main = "dev.tatara.bench.panes.PanesBench"
            said = subprocess.run(self.java("-cp", classes, main, *arguments), check=True, capture_output=True, text=True)
            (making / "bytes").write_text(said.stdout.strip().removeprefix("bytes="))
            making.rename(folder)
        return folder

    def prepare(self):
        self.data.mkdir(exist_ok=True)
        (self.data / "policy.yaml").write_text(POLICY)
        self.make("hourly", START, 24, 60, 2000)
        self.make("minutes", ONE, 60, 1, 300)
        if not (self.data / "rolled").exists():
            scratch = self.copy("hourly")
            # Two hours later all of them are old enough.
            subprocess.run(self.step(scratch, "2026-11-21T14:00:00Z"), check=True, capture_output=True)
            scratch.rename(self.data / "rolled")

    def copy(self, name):
        """The same files by other names: what is deleted there stays here."""
        scratch = self.work / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        subprocess.run(["cp", "-al", str(self.data / name), str(scratch)], check=True)
        return scratch

    def measure(self, contender):
        if contender == MINUTES:
            command = self.step(self.copy("minutes"), FOUR)
        else:
            command = self.step(self.data / ("rolled" if contender == ROLLED else "hourly"), NOON, "--keep-panes")
        measured, _ = process(contender, command, self.work)
        details = json.loads((self.work / "message").read_text())["details"]
        expected = self.options.pods * (60 if contender == MINUTES else 24)
        if details["panes"] != expected or details["pods"] != self.options.pods or details["drifted"] is None:
            sys.exit(f"{contender}: expected {expected} panes, found {details}")
        return measured

    def stop(self):
        shutil.rmtree(self.work, ignore_errors=True)

    def objects(self, name):
        files = [file for file in (self.data / name / "drift").rglob("*") if file.is_file()]
        return len(files), sum(file.stat().st_size for file in files)

    def run(self):
        before = os.getloadavg()[0]
        contenders = (HOURLY, ROLLED, MINUTES, AGAIN)
        found = rounds(contenders, self.options.rounds, self.measure, lambda took: f"{took['seconds']:.2f} s, {took['cpu']:.2f} s CPU")
        return findings(
            self,
            found,
            load=max(before, os.getloadavg()[0]),
            pods=self.options.pods,
            features=self.options.features,
            objects={HOURLY: self.objects("hourly"), ROLLED: self.objects("rolled"), MINUTES: self.objects("minutes")},
            paneBytes=int((self.data / "minutes" / "bytes").read_text()),
        )


def text(result):
    pods = result["pods"]
    lines = [
        f"### {pods} pods, 24 hours, {result['features']} features",
        "",
        "| window of | objects | MB | seconds | CPU seconds | peak memory |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for contender in result["found"]:
        count, size = result["objects"][HOURLY if contender == AGAIN else contender]
        peak = max(measured["peak"] for measured in result["found"][contender])
        lines.append(
            f"| {contender} | {count:,} | {size / 1e6:,.1f} | {median(result, contender, 'seconds'):.2f} "
            f"| {median(result, contender, 'cpu'):.2f} | {peak / 2**20:,.0f} MiB |"
        )
    seconds = median(result, HOURLY, "seconds")
    peak = max(measured["peak"] for measured in result["found"][HOURLY])
    rolled = result["objects"][ROLLED][0]
    lines += [
        "",
        f"Targets: {24 * pods:,} hourly panes within {SECONDS} s: {seconds:.2f} s ({median(result, HOURLY, 'cpu'):.2f} s CPU), {'met' if seconds <= SECONDS else 'missed'}; "
        f"within 512 MiB: {peak / 2**20:,.0f} MiB, {'met' if peak <= BYTES else 'missed'}.",
        "",
        f"Objects of a pod and day: 1,440 panes of a minute ({result['paneBytes'] / 1e3:,.0f} kB each) are written, at most 240 are "
        f"there at a time; rolled up, {rolled} objects are left of the day of all {pods} pods, {rolled / pods:.2f} of each, and "
        f"{1 / pods:.2f} once hours are days.",
        "",
        f"Measured on {result['machine']}, {result['date']}: medians of {result['rounds']} rounds, the highest peak; "
        f"a store on the local disk, a heap of {HEAP} at most, up to {result['load']:.0f} processes waiting for the cores.",
    ]
    return "\n".join(lines) + "\n"


def main():
    parser = options(("java", "application", "cache", "root"), pods=100, features=50, rounds=5)
    carry_out(Bench(parser.parse_args()), "panes", "Panes", text)


if __name__ == "__main__":
    main()
