"""Turns what JMH measured into a table. Called by bench/micro.

micro.py RESULT.json [ROOT]: prints it, and with ROOT writes bench/results/micro.md and
.json and the table in docs/performance.md.
"""

import json
import sys
from pathlib import Path

import measure
import report


def row(found, first):
    score, error = found["primaryMetric"]["score"], found["primaryMetric"]["scoreError"]
    allocated = found["secondaryMetrics"].get("gc.alloc.rate.norm", {}).get("score")
    share = report.times(score, first)
    bytes_made = "–" if allocated is None else f"{allocated:,.0f}"
    spread = "" if error == "NaN" else f" ± {float(error):,.0f}"
    return f"| {found['name']} | {found['case']} | {score:,.0f}{spread} | {share} | {bytes_made} |"


def table(results):
    lines = ["| | case | ns | of the first | bytes allocated |", "| --- | --- | --- | --- | --- |"]
    firsts = {}
    for result in results:
        group, method = result["benchmark"].split(".")[-2:]
        case = ", ".join(result.get("params", {}).values())
        first = firsts.setdefault((group, case), result["primaryMetric"]["score"])
        lines.append(row({**result, "name": f"{group}: {method}", "case": case}, first))
    return "\n".join(lines)


def order(result):
    """Ours first in each group, then by name."""
    group, method = result["benchmark"].split(".")[-2:]
    ours = method in ("ours", "foreignFunctions", "onTheEventLoop")
    return group, list(result.get("params", {}).values()), not ours, method


def main():
    results = sorted(json.loads(Path(sys.argv[1]).read_text()), key=order)
    text = f"<!-- written by bench/micro -->\n{table(results)}\n\nMeasured on one core of {measure.machine()}.\n"
    print(text)
    if len(sys.argv) > 2:
        root = Path(sys.argv[2])
        folder = root / "bench" / "results"
        folder.mkdir(exist_ok=True)
        (folder / "micro.json").write_text(json.dumps(results, indent=1) + "\n")
        (folder / "micro.md").write_text(f"# Parts of the serving runtime\n\n{text}")
        report.fill(root / "docs" / "performance.md", "micro", text)


if __name__ == "__main__":
    main()
