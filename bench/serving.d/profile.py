"""Turns samples of servers' stacks into a table of parts. Called by bench/profile.

profile.py SAMPLES SERVING.json [ROOT]: SAMPLES is a folder of collapsed stacks, a file
for each process; SERVING.json is what bench/serving measured meanwhile. With ROOT
writes bench/results/profile.md and .json and the table in docs/performance.md.
"""

import collections
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import report
from figures import Figures
from processes import alone_on

# A sample belongs to the first part whose pattern its innermost frames fit: frames are
# looked at from the innermost outwards, and each is tried against all parts in order.
PARTS = [
    ("kernel: sending", r"(^|/)(__)?(write|writev|send|sendmsg|__libc_send)\w*(_nocancel)?$|(write|writev|sendAddress)0?$"),
    ("kernel: receiving", r"(^|/)(__)?(read|readv|recv|recvmsg)\w*$|FileDispatcher.*\.read|SocketDispatcher\.read|recvAddress"),
    ("kernel: waiting for events", r"epoll_|EPoll|Native\.epoll"),
    ("ONNX Runtime", r"libonnxruntime|onnxruntime|Ort[A-Z]|^MlasX?|^Mlas|MLAS"),
    ("call of ONNX Runtime and its tensors", r"^dev/tatara/onnx/"),
    ("reading JSON", r"tatara/runtime/\w+/(json|v2/json)|Json(Reader|Numbers|Bytes)|com/fasterxml/jackson|NumberReader|ElementReader"),
    ("metrics, sketches, ledger", r"micrometer|tatara/statistics|tatara/runtime/(monitoring|metrics|observation|sketches|ledger|payload)"),
    ("our serving: queue, batch, answer", r"^dev/tatara/"),
    ("HTTP: decoding and encoding", r"io/netty/handler/codec|io/vertx/core/http/impl/.*(Decoder|Encoder)|HttpObject"),
    ("Vert.x: request and response", r"^io/vertx/"),
    ("Netty: event loop and pipeline", r"^io/netty/"),
    ("allocation and collection", r"GenCollect|DefNew|MemAllocator|CollectedHeap|OptoRuntime::new|malloc|free$|_int_free|_int_malloc|cfree"),
    ("clock", r"clock_gettime|nanoTime|currentTimeMillis|\[vdso\]"),
]
OTHER = "other"
EVENT_LOOP = re.compile(r"^\[[^\]]*(eventloop|event-loop)[^\]]*\]", re.IGNORECASE)


def part(frames):
    for frame in reversed(frames):
        for name, pattern in PARTS:
            if re.search(pattern, frame):
                return name
    return OTHER


def read(file):
    """Samples of a process' event loops by part, and the innermost frames of what fits none."""
    parts, unknown = collections.Counter(), collections.Counter()
    server = None
    for line in file.read_text(errors="replace").splitlines():
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        server = server or ("ours" if "dev/tatara/runtime" in stack else "noop-vertx" if "NoOp" in stack else None)
        if EVENT_LOOP.match(frames[0]):
            found = part(frames[1:])
            parts[found] += int(count)
            if found == OTHER:
                unknown[frames[-1]] += int(count)
    return server, parts, unknown


def core():
    """What the servers' core is like while nothing of ours runs on it."""
    command = [sys.executable, "-B", str(Path(__file__).with_name("core.py")), "10"]
    last = sorted(os.sched_getaffinity(0))[1]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, **alone_on(last)).stdout)


def micros(case, name):
    """CPU time of a request, µs."""
    return Figures("iris", case).cpu_ms(name) * 1000


def main():
    folder, measured = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
    found = {}
    for file in sorted(folder.glob("*.collapsed")):
        server, parts, unknown = read(file)
        if server and sum(parts.values()) > sum(found.get(server, ({},))[0].values()):
            found[server] = parts, unknown
    if set(found) != {"ours", "noop-vertx"}:
        sys.exit(f"error: expected samples of our server and of the no-op route\n  found: {', '.join(found) or 'none'}")
    case = measured["cases"]["iris"]
    cpu = {name: micros(case, name) for name in found}
    share = {name: {key: value / sum(parts.values()) for key, value in parts.items()} for name, (parts, _) in found.items()}
    rows = sorted({*share["ours"], *share["noop-vertx"]}, key=lambda key: -share["ours"].get(key, 0))
    lines = ["| part | ours, µs | of it | no-op route, µs |", "| --- | --- | --- | --- |"]
    for key in rows:
        ours, noop = share["ours"].get(key, 0), share["noop-vertx"].get(key, 0)
        lines.append(f"| {key} | {ours * cpu['ours']:.2f} | {ours:.0%} | {noop * cpu['noop-vertx']:.2f} |")
    lines.append(f"| a request | {cpu['ours']:.2f} | 100% | {cpu['noop-vertx']:.2f} |")
    counts = " and ".join(f"{sum(parts.values()):,} of {name}" for name, (parts, _) in found.items())
    text = "<!-- written by bench/profile -->\n" + "\n".join(lines)
    idle = core()
    text += f"\n\nOthers have an idle core {idle['others']:.1%} of the time, for up to {idle['longest_ms']:.1f} ms: of requests "
    text += f"that arrive at any moment, one in a hundred waits {idle['p99_ms']:.2f} ms or longer until a server can run at all."
    text += f"\n\nSamples of the event loop: {counts}. Measured on {measured['machine']}, {measured['date']}.\n"
    print(text)
    for name, (_, unknown) in found.items():
        print(f"{name}, other: {unknown.most_common(12)}", file=sys.stderr)
    if len(sys.argv) > 3:
        root = Path(sys.argv[3])
        data = {"machine": measured["machine"], "date": measured["date"], "cpu_micros": cpu, "shares": share, "core": idle}
        (root / "bench" / "results" / "profile.json").write_text(json.dumps(data, indent=1) + "\n")
        (root / "bench" / "results" / "profile.md").write_text(f"# Parts of a request\n\n{text}")
        report.fill(root / "docs" / "performance.md", "profile", text)


if __name__ == "__main__":
    main()
