"""What the benches share: options, processes from start to end, rounds and their medians, and the pages with their tables."""

import argparse
import json
import os
import platform
import re
import socket
import statistics
import subprocess
import sys
import time
from datetime import date
from pathlib import Path


def count(text):
    """A number as people write it: 500k, 10M."""
    return int(text.rstrip("kM")) * {"k": 10**3, "M": 10**6}.get(text[-1:], 1)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def machine():
    return f"{len(os.sched_getaffinity(0))} cores, {platform.system()} {platform.machine()}"


def process(name, command, temporary):
    """Runs a process to its end: what it cost in seconds and bytes, and what it said."""
    environment = {**os.environ, "TMPDIR": str(temporary), "JAVA_TOOL_OPTIONS": f"-Djava.io.tmpdir={temporary}"}
    # It talks to this machine only, whatever proxy the shell has.
    environment["no_proxy"] = "*"
    began = time.monotonic()
    started = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    output = started.stdout.read()
    _, status, usage = os.wait4(started.pid, 0)
    started.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - began
    if started.returncode != 0:
        sys.exit(f"{name} failed:\n{output}")
    return {"seconds": seconds, "cpu": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss * 1024}, output


def options(paths, **defaults):
    """A parser of what a bench is called with: paths that it needs, and what has a default."""
    parser = argparse.ArgumentParser()
    for name in paths:
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name, default in defaults.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    parser.add_argument("--dry", action="store_true")
    return parser


def rounds(contenders, number, measure, tell):
    """Measures contenders in turn, so many rounds, and tells of each: all that was measured, by contender."""
    found = {contender: [] for contender in contenders}
    for _ in range(number):
        for contender in found:
            measured = measure(contender)
            found[contender].append(measured)
            print(f"{contender}: {tell(measured)}", file=sys.stderr)
    return found


def findings(bench, found, **more):
    """What a bench found, and where and when."""
    facts = {"date": date.today().isoformat(), "machine": machine(), "rounds": bench.options.rounds}
    return facts | more | {"found": found}


def carry_out(bench, name, title, text, keep=lambda found: found):
    """Prepares a bench, lets it measure and clears up; prints its tables and, unless it's a dry run, keeps them."""
    try:
        bench.prepare()
        found = bench.run()
    finally:
        bench.stop()
    print(text(found))
    if not bench.options.dry:
        kept = keep(found)
        record(bench.options.root, name, title, kept, text(kept))


def median(result, contender, figure):
    return statistics.median(measured[figure] for measured in result["found"][contender])


def record(root, name, title, result, tables):
    """Keeps a result, and its tables."""
    (root / "bench" / "results" / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
    keep(root, name, title, tables)


def keep(root, name, title, tables):
    """Keeps tables as a page of their own and between the marks of docs/performance.md."""
    tables = f"<!-- written by bench/{name} -->\n{tables}"
    (root / "bench" / "results" / f"{name}.md").write_text(f"# {title}\n\n{tables.replace('### ', '## ')}")
    fill(root / "docs" / "performance.md", name, tables)


def fill(page, name, tables):
    """Puts tables between a page's marks."""
    page.write_text(
        re.sub(
            rf"(<!-- bench:{name} -->\n).*?(<!-- /bench:{name} -->)",
            lambda match: match.group(1) + tables + match.group(2),
            page.read_text(),
            flags=re.S,
        )
    )


# NAME TITLE: keeps the tables that come in.
if __name__ == "__main__":
    keep(Path(__file__).parent.parent, sys.argv[1], sys.argv[2], sys.stdin.read())
