"""Tells what the reports of Surefire and Failsafe say that are newer than a file: what failed and why, then the totals.

Ends with 1 if a test failed or none ran.
"""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

MOST_LINES = 12
MOST_CHARACTERS = 240
COUNTS = ("tests", "failures", "errors", "skipped")


def reason(problem):
    """The beginning of what a failed assertion or an exception says."""
    text = problem.get("message") or problem.text or problem.get("type") or ""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], "..."]
    return [line[:MOST_CHARACTERS] for line in lines]


def main():
    since = Path(sys.argv[1]).stat().st_mtime_ns
    reports = [path for path in Path().glob("**/target/*-reports/TEST-*.xml") if path.stat().st_mtime_ns > since]
    totals = dict.fromkeys(COUNTS, 0)
    for path in sorted(reports):
        suite = ElementTree.parse(path).getroot()
        for count in COUNTS:
            totals[count] += int(suite.get(count, 0))
        for case in suite.iter("testcase"):
            for problem in (*case.findall("failure"), *case.findall("error")):
                print(f"FAILED {case.get('classname')}.{case.get('name')}", *reason(problem), sep="\n    ")
    print("Tests run: {tests}, Failures: {failures}, Errors: {errors}, Skipped: {skipped}".format(**totals))
    return totals["tests"] == 0 or totals["failures"] + totals["errors"] > 0


if __name__ == "__main__":
    sys.exit(main())
