"""Runs the simulation of experiments and writes tables of it."""

import json
import math
import subprocess
import sys
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from measuring import machine, options, record  # noqa: E402

SEED, POWER = 20261121, 0.8
# At which a test of the simulation itself refuses it.
REFUSED = 0.01
# Figure, smallest effect worth finding, candidate's share, alpha, people who come until one does what he will do.
KINDS = {
    "share, 50 %, effect 10 points": ("Half", 0.1, 0.5, 0.05, 0),
    "share, 5 %, effect 2 points": ("Twentieth", 0.02, 0.5, 0.05, 0),
    "the same at alpha 0.01": ("Twentieth", 0.02, 0.5, 0.01, 0),
    "the same, a tenth sees the candidate": ("Twentieth", 0.02, 0.1, 0.05, 0),
    "the same, it takes the time of 1,000 people until one buys": ("Twentieth", 0.02, 0.5, 0.05, 1000),
    "share, 0.5 %, effect 0.5 points": ("FewInAThousand", 0.005, 0.5, 0.05, 0),
    "mean, normal, effect a fifth of σ": ("Normal", 0.2, 0.5, 0.05, 0),
    "mean, one in ten spends, heavy tail, effect a fifth of the mean": ("Spent", 0.7, 0.5, 0.05, 0),
    "the same spending, a tenth sees the candidate": ("Spent", 0.7, 0.1, 0.05, 0),
}


def at_least(found, of, probability):
    """P(X ≥ found) of a binomial."""
    log = lambda i: math.lgamma(of + 1) - math.lgamma(i + 1) - math.lgamma(of - i + 1) + i * math.log(probability) + (of - i) * math.log1p(-probability)
    return sum(math.exp(log(i)) for i in range(found, of + 1))


def run(given, kind, times):
    figure, effect, share, alpha, delay = kind
    arguments = [figure, effect, share, alpha, times, delay, given.experiments, SEED]
    command = [str(given.java), "-XX:+UseSerialGC", "-Xmx1g", "-cp", given.classes, "dev.tatara.statistics.sequential.ExperimentBench"]
    print(" ".join(map(str, arguments)), file=sys.stderr)
    return json.loads(subprocess.run(command + [str(argument) for argument in arguments], check=True, stdout=subprocess.PIPE, text=True).stdout)


def simulate(given):
    kinds = {}
    for name, kind in KINDS.items():
        null, better = run(given, kind, 0), run(given, kind, 1)
        winners = null["candidate"] + null["stable"]
        kinds[name] = {
            "alpha": kind[3],
            "winners": winners,
            "found": better["candidate"],
            "wrong": better["stable"],
            "people": better["people"],
            "planned": better["planned"],
            "once": better["once"],
        }
    return {"date": date.today().isoformat(), "machine": machine(), "experiments": given.experiments, "kinds": kinds}


def percent(value):
    return f"{100 * value:.3g} %"


def told(refused):
    return "missed: " + ", ".join(refused) if refused else "met"


def text(result):
    of = result["experiments"]
    lines = [
        f"### Experiments looked at after each person: {of:,} of each kind, without a difference and with the planned one",
        "",
        "| figure | false winners | allowed | candidate found | wrong side found | people until the end, mean | planned | a test made once takes |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, kind in result["kinds"].items():
        lines.append(
            f"| {name} | {percent(kind['winners'] / of)} | {percent(kind['alpha'])} | {percent(kind['found'] / of)} | {percent(kind['wrong'] / of)} "
            f"| {kind['people']:,.0f} | {kind['planned']:,} | {kind['once']:,} |"
        )
    false = [name for name, kind in result["kinds"].items() if at_least(kind["winners"], of, kind["alpha"]) <= REFUSED]
    missed = [name for name, kind in result["kinds"].items() if at_least(of - kind["found"], of, 1 - POWER) <= REFUSED]
    lines += [
        "",
        f"Targets: false winners at most alpha: {told(false)}. The planned difference found in {percent(POWER)} of the experiments or more: {told(missed)}. "
        f"Each by a one-sided binomial test at {percent(REFUSED)}.",
        "",
        f"Simulated on {result['machine']}, {result['date']}, with fixed seeds.",
    ]
    return "\n".join(lines) + "\n"


def main():
    parser = options(("java", "root"), experiments=1000)
    parser.add_argument("--classes", required=True)
    given = parser.parse_args()
    result = simulate(given)
    print(text(result))
    if not given.dry:
        record(given.root, "experiments", "Experiments", result, text(result))


if __name__ == "__main__":
    main()
