"""Measures tests of drift, ours and Evidently's preset, on the same columns, and writes a table of it."""

import re
import shutil
import sys
import tempfile
from pathlib import Path

import numpy

sys.path.insert(0, str(Path(__file__).parent.parent))
from measuring import carry_out, count, findings, median, options, process, rounds  # noqa: E402

AUTO, ALL = "Tatara, raw values, Evidently's choice", "Tatara, raw values, all five tests of numbers"
SKETCHES, EVIDENTLY = "Tatara, sketches made and all five tests", "Evidently's DataDriftPreset"
WHAT = {AUTO: "auto", ALL: "all", SKETCHES: "sketches"}
TARGET, TOLERANCE, SEED = 100, 1e-6, 20261121


class Bench:
    def __init__(self, options):
        self.options = options
        self.rows, self.columns = count(options.rows), options.columns
        self.work = Path(tempfile.mkdtemp(prefix="drift-", dir=options.cache))

    def prepare(self):
        random = numpy.random.default_rng(SEED)
        for side in ("reference", "current"):
            with open(self.work / side, "wb") as file:
                for column in range(self.columns):
                    values = random.normal(size=self.rows)
                    # A third each: symmetric, skewed, whole numbers; every tenth column has moved.
                    values = (values, numpy.exp(values), numpy.rint(10 * values))[column % 3]
                    file.write((values + (0.2 if side == "current" and column % 10 == 0 else 0)).astype("<f8").tobytes())

    def command(self, contender):
        size = [str(self.work), str(self.rows), str(self.columns)]
        if contender == EVIDENTLY:
            return [str(self.options.evidently), "-W", "ignore", str(Path(__file__).with_name("evidently_side.py")), *size]
        return [str(self.options.java), "-cp", self.options.classes, "dev.tatara.bench.drift.DriftBench", WHAT[contender], *size]

    def measure(self, contender):
        measured, output = process(contender, self.command(contender), self.work)
        figures = {name: float(value) for name, value in re.findall(r"^(seconds|sum)=(.*)$", output, re.MULTILINE)}
        return measured | {"process": measured["seconds"]} | figures

    def stop(self):
        shutil.rmtree(self.work, ignore_errors=True)

    def run(self):
        contenders = (AUTO, ALL, SKETCHES, EVIDENTLY)
        found = rounds(contenders, self.options.rounds, self.measure, lambda measured: f"{measured['seconds']:.2f} s")
        ours, theirs = found[AUTO][0]["sum"], found[EVIDENTLY][0]["sum"]
        if abs(ours - theirs) > TOLERANCE * self.columns:
            sys.exit(f"expected the same distances from both, found their sums to be {ours} and {theirs}")
        return findings(self, found, rows=self.rows, columns=self.columns)


def text(result):
    lines = [
        f"### {result['rows']:,} rows of reference and as many live, {result['columns']} columns",
        "",
        "| | seconds | of Evidently's | the whole process, seconds | CPU seconds | peak memory |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    theirs = median(result, EVIDENTLY, "seconds")
    for contender in result["found"]:
        seconds = median(result, contender, "seconds")
        peak = max(measured["peak"] for measured in result["found"][contender])
        lines.append(
            f"| {contender} | {seconds:.2f} | {theirs / seconds:.0f}x faster | {median(result, contender, 'process'):.2f} "
            f"| {median(result, contender, 'cpu'):.2f} | {peak / 2**30:.2f} GiB |"
        )
    ratio = theirs / median(result, AUTO, "seconds")
    all_of_them = theirs / median(result, ALL, "seconds")
    lines += [
        "",
        f"Target: at least {TARGET}x, the same tests: {ratio:.0f}x, {'met' if ratio >= TARGET else 'missed'}; "
        f"all tests: {all_of_them:.0f}x, {'met' if all_of_them >= TARGET else 'missed'}.",
        "",
        f"Measured on {result['machine']}, {result['date']}: medians of {result['rounds']} rounds, the highest peak.",
    ]
    return "\n".join(lines).replace(" | 1x faster |", " | 1x |") + "\n"


def main():
    parser = options(("java", "evidently", "cache", "root"), rows="1M", columns=50, rounds=1)
    parser.add_argument("--classes", required=True)
    carry_out(Bench(parser.parse_args()), "drift-tests", "Tests of drift", text)


if __name__ == "__main__":
    main()
