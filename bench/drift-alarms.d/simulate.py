"""Runs the simulation of alarms and writes tables of it."""

import json
import math
import statistics
import subprocess
import sys
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from measuring import machine, options, record  # noqa: E402

FEATURES, SEED = 50, 20261121
# What is aimed at for a day, whatever the share from 0.3 on.
STATED = 0.01
QUIET = {
    "1,000 rows in the reference, 100 an hour": (1000, 100, 0),
    "the same, features correlated by 0.9": (1000, 100, 0.9),
    "10,000 rows in the reference, 400 an hour": (10000, 400, 0),
    "the same, features correlated by 0.9 ": (10000, 400, 0.9),
}
SHIFTED = {"1,000 rows in the reference, 100 an hour": (1000, 100), "10,000 rows in the reference, 400 an hour": (10000, 400)}
SHIFTS, COUNTS = (0.25, 0.5, 1.0), (1, 3, 10)


def interval(found, of, beyond=0.025):
    """Clopper and Pearson's, 95 %."""

    def at_most(count, p):
        terms = (math.lgamma(of + 1) - math.lgamma(i + 1) - math.lgamma(of - i + 1) + i * math.log(p) + (of - i) * math.log1p(-p) for i in range(count + 1))
        return sum(map(math.exp, terms))

    def solve(above):
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if above(middle) else (low, middle)
        return low

    low = 0.0 if found == 0 else solve(lambda p: 1 - at_most(found - 1, p) < beyond)
    high = 1.0 if found == of else solve(lambda p: at_most(found, p) > beyond)
    return low, high


class Simulation:
    def __init__(self, options):
        self.options = options

    def java(self, *arguments):
        command = [str(self.options.java), "-XX:+UseSerialGC", "-Xmx2g", "-cp", self.options.classes, "dev.tatara.statistics.drift.AlarmBench"]
        command += [str(argument) for argument in arguments]
        print(" ".join(map(str, arguments)), file=sys.stderr)
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)

    def run(self):
        quiet = {name: self.java("quiet", *setting, self.options.days, SEED) for name, setting in QUIET.items()}
        shifted = {
            name: {
                f"{shift} {count}": self.java("shifted", *setting, 0, self.options.runs, SEED, shift, count)
                for shift in SHIFTS
                for count in COUNTS
            }
            for name, setting in SHIFTED.items()
        }
        return {
            "date": date.today().isoformat(),
            "machine": machine(),
            "days": self.options.days,
            "runs": self.options.runs,
            "quiet": {name: summary(result, self.options.days) for name, result in quiet.items()},
            "shifted": {name: {which: delays(result) for which, result in results.items()} for name, results in shifted.items()},
        }


def summary(result, days):
    return {
        "drifted": result["drifted"],
        "evaluations": result["evaluations"],
        "breaches": result["breaches"],
        "triggered": {share: sum(hour > 0 for hour in hours) for share, hours in result["triggers"].items()},
        "days": days,
    }


def delays(result):
    return {
        share: {"found": sum(hour > 0 for hour in hours), "median": statistics.median(hour or 99 for hour in hours)}
        for share, hours in result["triggers"].items()
    }


def percent(value):
    return f"{100 * value:.2g} %"


def text(result):
    shares = list(next(iter(result["quiet"].values()))["triggered"])
    lines = [
        f"### Quiet traffic: {result['days']:,} days of each kind, {FEATURES} features",
        "",
        "A window of 24 hours, evaluated each hour, three breaches in a row; each day has a reference and traffic of its own. Days on which the policy triggers, with the 95 % confidence interval, by the share of drifted features that counts as a breach:",
        "",
        "| | features that count as drifted | " + " | ".join(f"share {share}" for share in shares) + " |",
        "| --- | --- |" + " --- |" * len(shares),
    ]
    for name, kind in result["quiet"].items():
        cells = []
        for share in shares:
            low, high = interval(kind["triggered"][share], kind["days"])
            cells.append(f"{percent(kind['triggered'][share] / kind['days'])} ({percent(low)} to {percent(high)})")
        lines.append(f"| {name.strip()} | {percent(kind['drifted'])} | " + " | ".join(cells) + " |")
    days = sum(kind["days"] for kind in result["quiet"].values())
    triggered = sum(kind["triggered"]["0.3"] for kind in result["quiet"].values())
    highest = interval(triggered, days)[1]
    # By the interval's upper end: too few days prove nothing.
    lines += [
        "",
        f"Target: below {percent(STATED)} of days at a share of 0.3: {triggered} of {days:,} days of all kinds, "
        f"{percent(highest)} at most with 97.5 % confidence, {'met' if highest < STATED else 'missed'}.",
    ]
    for name, kinds in result["shifted"].items():
        lines += [
            "",
            f"### Shifts: {name}, {FEATURES} features",
            "",
            f"Hours from the shift to the trigger, median of {result['runs']} runs; in brackets how many were found before the window was full of shifted rows and three evaluations had passed, where not all were.",
            "",
            "| shift, standard deviations | features | " + " | ".join(f"share {share}" for share in shares) + " |",
            "| --- | --- |" + " --- |" * len(shares),
        ]
        for which, kind in kinds.items():
            shift, count = which.split()
            cells = []
            for share in shares:
                found, median = kind[share]["found"], kind[share]["median"]
                cells.append("–" if found == 0 else (f"{median:g}" if median < 99 else "later") + ("" if found == result["runs"] else f" ({percent(found / result['runs'])})"))
            lines.append(f"| {shift} | {count} | " + " | ".join(cells) + " |")
    lines += ["", f"Simulated on {result['machine']}, {result['date']}, with fixed seeds."]
    return "\n".join(lines) + "\n"


def main():
    parser = options(("java", "root"), days=1000, runs=100)
    parser.add_argument("--classes", required=True)
    given = parser.parse_args()
    result = Simulation(given).run()
    print(text(result))
    if not given.dry:
        record(given.root, "drift-alarms", "Alarms of drift", result, text(result))


if __name__ == "__main__":
    main()
