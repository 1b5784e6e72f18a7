"""The targets of the serving runtime and whether a run met them."""

SMALL = ("iris", "digits")
HEAVY = ("transformer",)
PYTHON = ("fastapi", "kserve", "mlserver", "bentoml", "litserve")
LIMIT_ALLOCATED = 4096
# 50 features, a label and two probabilities at 3 KiB, and what frames them.
LIMIT_PANE = 54 * 3072


def at_most(what, value, limit, unit="x"):
    met = value <= limit
    verdict = "met" if met else f"missed by {value / limit - 1:.0%}"
    return f"| {what} | at most {limit:g}{unit} | {value:.4g}{unit} | {verdict} |"


def at_least(what, value, limit, unit="x"):
    met = value >= limit
    verdict = "met" if met else f"missed by {1 - value / limit:.0%}"
    return f"| {what} | at least {limit:g}{unit} | {value:.4g}{unit} | {verdict} |"


def cheapest(figures, names):
    return min((name for name in names if figures.has(name)), key=figures.cpu_ms, default=None)


def small(figures, ours, label, peers):
    """Rows for a small model asked by one of our protocols; peers are asked by the same."""
    no_op = figures.no_op()
    if no_op:
        yield at_most(f"{label}: CPU of the no-op route's", figures.cpu_ms(ours) / figures.cpu_ms(no_op), 1.5)
        ratio = figures.throughput(ours) / figures.throughput(no_op)
        yield at_least(f"{label}: throughput of the no-op route's", ratio, 0.7)
    if figures.has("rust"):
        yield at_most(f"{label}: CPU of the Rust server's", figures.cpu_ms(ours) / figures.cpu_ms("rust"), 1)
    peer = cheapest(figures, peers)
    if peer:
        ratio = figures.cpu_ms(peer) / figures.cpu_ms(ours)
        yield at_least(f"{label}: requests per CPU second of the best Python peer's ({peer})", ratio, 12)
    rate = figures.rate(ours)
    if rate:
        what = f"{label}: p99 of p50 at half load"
        # What the machine alone makes of it: a route that does nothing, at half of its own load.
        idle = no_op and figures.rate(no_op)
        if idle:
            what += f" (the no-op route's: {idle['p99_ms'] / idle['p50_ms']:.3g}x)"
        yield at_most(what, rate["p99_ms"] / rate["p50_ms"], 3)


def of_case(figures):
    if not figures.has("ours"):
        return
    if figures.name in SMALL:
        yield from small(figures, "ours", figures.name, PYTHON)
        if figures.has("ours grpc"):
            yield from small(figures, "ours grpc", f"{figures.name}, gRPC", [f"{peer} grpc" for peer in PYTHON])
        if figures.allocated():
            what = f"{figures.name}: Java heap allocated a request"
            yield at_most(what, figures.allocated(), LIMIT_ALLOCATED, " bytes")
    if figures.has("ours-unwatched"):
        ratio = figures.throughput("ours") / figures.throughput("ours-unwatched")
        yield at_least(f"{figures.name}: throughput with sketches of that without", ratio, 0.95)
        if figures.has("ours-panes"):
            ratio = figures.throughput("ours-panes") / figures.throughput("ours-unwatched")
            yield at_least(f"{figures.name}: throughput with panes every 5 s of that without sketches", ratio, 0.95)
    if figures.name == "tabular" and figures.pane_bytes():
        yield at_most(f"{figures.name}: bytes of a pane", figures.pane_bytes(), LIMIT_PANE, " bytes")
    for other in ("ours grpc", "ours binary"):
        if figures.has(other):
            ratio = figures.cpu_ms(other) / figures.cpu_ms("ours")
            yield at_most(f"{figures.name}: CPU of {other.removeprefix('ours ')} of that of JSON", ratio, 1)
    if figures.name in HEAVY:
        ratio = figures.throughput("ours") / figures.bare_throughput()
        yield at_least(f"{figures.name}: throughput of ONNX Runtime's alone", ratio, 0.95)


def table(cases):
    rows = [row for figures in cases.values() for row in of_case(figures)]
    return "\n".join(["| what | target | found | |", "| --- | --- | --- | --- |", *rows]) if rows else ""
