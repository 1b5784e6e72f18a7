"""Runs FleetBench of the operator's tests and writes tables of what it found. Called by bench/fleet; see there."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from measuring import machine, record  # noqa: E402

ARGO = "Argo Rollouts 1.10 on the same machine, in another run and with Rollouts without pods: 1,000 up in 100 s, 168 MB, 9 requests each, none at rest."


def measure(options):
    with tempfile.TemporaryDirectory() as folder:
        command = [
            str(options.java),
            "-Xmx1g",
            f"-Dbench.services={options.services}",
            f"-Dbench.rollouts={options.rollouts}",
            f"-Dbench.rest={options.rest}",
            f"-Dbench.folder={folder}",
            *("-cp", options.classpath, "dev.tatara.operator.fleet.FleetBench"),
        ]
        before = os.getloadavg()[0]
        ended = subprocess.run(command, cwd=options.root, env={**os.environ, "no_proxy": "*"}).returncode
        if ended != 0:
            log = Path(folder) / "operator.log"
            sys.exit(f"FleetBench ended with {ended}; the operator's last words:\n{log.read_text()[-4000:] if log.exists() else ''}")
        found = json.loads((Path(folder) / "found.json").read_text())
    return {"date": date.today().isoformat(), "machine": machine(), "load": before, **found}


def quantile(values, share):
    return values[min(len(values) - 1, int(share * len(values)))] if values else None


def text(result):
    lines = [
        "| | seconds | of each: p50, p99 | reconciliations | p50, p99 | requests to the API server | operator's CPU | memory |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for phase in result["phases"]:
        times = phase["times"]
        each = f"{quantile(times, 0.5):.1f}, {quantile(times, 0.99):.1f} s" if times else ""
        took = f"{phase['p50'] * 1000:.1f}, {phase['p99'] * 1000:.0f} ms" if phase["reconciles"] else ""
        requests = sum(phase["requests"].values())
        lines.append(
            f"| {phase['name']} | {phase['seconds']:.1f} | {each} | {phase['reconciles']:,.0f} | {took} "
            f"| {requests:,} | {phase['cpu']:.1f} s | {phase['resident'] / 1e6:.0f} MB |"
        )
    names = {phase["name"]: phase for phase in result["phases"]}
    up = names[f"{result['services']} services come up"]
    rolled = names[f"{result['rollouts']} canaries"]
    alone = names["1 canary"]["times"][0]
    rest = names[f"at rest, {result['services']} services"]
    lines += [
        "",
        "| requests | a service that comes up | a canary | a minute at rest |",
        "| --- | --- | --- | --- |",
    ]
    kinds = sorted({kind for phase in (up, rolled, rest) for kind in phase["requests"]})
    for kind in kinds:
        lines.append(
            f"| {kind} | {up['requests'].get(kind, 0) / result['services']:.2f} | {rolled['requests'].get(kind, 0) / result['rollouts']:.2f} "
            f"| {rest['requests'].get(kind, 0) / rest['seconds'] * 60:.1f} |"
        )
    lines += [
        "| all | {:.1f} | {:.1f} | {:.1f} |".format(
            sum(up["requests"].values()) / result["services"],
            sum(rolled["requests"].values()) / result["rollouts"],
            sum(rest["requests"].values()) / rest["seconds"] * 60,
        ),
        "",
        f"{result['rollouts']} canaries at the same time told pods {rolled['tables']:,} tables and asked them {rolled['questions']:,} times what they had counted. "
        f"A canary alone takes {alone:.1f} s: at each of its three steps an interval of 5 s until pods have counted for one, and another.",
        "",
        ARGO,
        "",
        f"Measured on {result['machine']}, {result['date']}, load {result['load']:.1f} when it began, API server, etcd and simulators on the same cores.",
    ]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--java", type=Path, required=True)
    parser.add_argument("--classpath", required=True)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--services", type=int, default=1000)
    parser.add_argument("--rollouts", type=int, default=100)
    parser.add_argument("--rest", type=int, default=60)
    parser.add_argument("--dry", action="store_true")
    options = parser.parse_args()
    result = measure(options)
    print(text(result))
    if not options.dry:
        record(options.root, "fleet", "A fleet of services", result, text(result))


if __name__ == "__main__":
    main()
