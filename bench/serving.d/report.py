"""Turns what bench/serving measured into tables.

Every figure is the median of a result's rounds; ratios are of figures of one run.
"""

import json
import statistics
import sys
from pathlib import Path

import targets
from figures import Figures

sys.path.insert(0, str(Path(__file__).parent.parent))
from measuring import fill  # noqa: E402

QUANTILES = ("p50", "p95", "p99")


def megabytes(size):
    return f"{size / 1e6:.0f} MB"


def times(value, of):
    return f"{value / of:.2f}x" if value and of else "–"


def latency(figures, entry, load):
    return " / ".join(f"{figures.latency(entry, load, quantile):.2f}" for quantile in QUANTILES)


def at_rate(rate):
    if not rate:
        return "–"
    return f"{rate['rate']:,.0f}/s: " + " / ".join(f"{rate[f'{name}_ms']:.2f}" for name in QUANTILES)


def case_table(figures):
    """One row a server: what it carries, what that costs, how long an answer takes."""
    loads = figures.loads
    head = ["", "requests/s", "of ours", "CPU ms a request", "of ours"]
    head += [f"ms at {load} (p50 / p95 / p99)" for load in loads]
    head += ["at half its load", "memory"]
    lines = ["| " + " | ".join(head) + " |", "| --- " * len(head) + "|"]
    ours = figures.reference
    for entry in figures.ordered():
        cells = [
            figures.title(entry),
            f"{figures.throughput(entry):,.0f}",
            times(figures.throughput(entry), ours and figures.throughput(ours)),
            f"{figures.cpu_ms(entry):.4f}",
            times(figures.cpu_ms(entry), ours and figures.cpu_ms(ours)),
            *(latency(figures, entry, load) for load in loads),
            at_rate(figures.rate(entry)),
            megabytes(figures.resident(entry)) if figures.resident(entry) else "–",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    bare = figures.bare_cpu_ms()
    cells = ["ONNX Runtime alone, no server", f"{figures.bare_throughput():,.0f}"]
    cells += [times(figures.bare_throughput(), ours and figures.throughput(ours)), f"{bare:.4f}"]
    cells += [times(bare, ours and figures.cpu_ms(ours)), *["–"] * (len(head) - 5)]
    lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def compared(seen):
    return (
        f"Other load generators on our server: with {seen['connections']} connections wrk counts "
        f"{seen['wrk_per_second']:,.0f} requests/s, bench/load {seen['load_per_second']:,.0f}; "
        f"at {seen['rate']} requests/s k6 sees a median of {seen['k6_p50_ms']:.2f} ms, "
        f"bench/load {seen['load_p50_ms']:.2f} ms."
    )


def notes(figures):
    """What says how far the figures of a case can be trusted."""
    found = []
    if figures.has("ours") and figures.has("ours again"):
        found.append(
            "A/A, our server once more at the other end of each round: "
            f"throughput {times(figures.throughput('ours again'), figures.throughput('ours'))}, "
            f"CPU {times(figures.cpu_ms('ours again'), figures.cpu_ms('ours'))}."
        )
    shares = figures.others_busy()
    if shares:
        usual, most = statistics.median(shares), max(shares)
        found.append(f"Others on the server's core: median {usual:.1%}, at most {most:.1%} of the time.")
    limited = figures.limited_by_load()
    if limited:
        names = ", ".join(limited)
        found.append(f"Their core had time left, so their throughput is more than what could be asked for: {names}.")
    if figures.allocated():
        found.append(f"Our server allocates {figures.allocated():,.0f} bytes of Java heap a request.")
    if figures.cross_check():
        found.append(compared(figures.cross_check()))
    found += [f"Left out: {name}: {reason.splitlines()[0]}" for name, reason in figures.left_out().items()]
    return "\n".join(f"- {note}" for note in found)


def text(result):
    cases = {name: Figures(name, case) for name, case in result["cases"].items()}
    parts = [
        f"Measured on {result['machine']}, {result['date']}: {result['rounds']} rounds of {result['seconds']:g} s "
        "for each server, number of connections and arrival rate, medians. "
        "One core for the server, another for the load."
    ]
    verdicts = targets.table(cases)
    if verdicts:
        parts.append(f"### Targets\n\n{verdicts}")
    for name, figures in cases.items():
        parts.append(f"### {name}\n\n{case_table(figures)}\n\n{notes(figures)}")
    return "\n\n".join(parts) + "\n"


def keep(result, folder):
    """What was measured so far: kept beside what was built, never in the source tree."""
    target = folder / "serving"
    target.with_suffix(".json").write_text(json.dumps(result, indent=1))
    target.with_suffix(".md").write_text(text(result))


def show(result, folder):
    """A run of a part is only shown."""
    print(text(result))
    print(f"kept in {folder / 'serving'}.md and .json", file=sys.stderr)


def record(result, root):
    """A whole run: bench/results and the page for users."""
    results = root / "bench" / "results"
    results.mkdir(exist_ok=True)
    (results / "serving.json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
    tables = f"<!-- written by bench/serving -->\n{text(result)}"
    (results / "serving.md").write_text(f"# Serving\n\n{tables.replace('### ', '## ')}")
    fill(root / "docs" / "performance.md", "serving", tables)
    print(text(result))
