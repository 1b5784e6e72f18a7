"""Measures starts and writes their tables. Called by bench/startup; see there.

startup.py NAMESPACE RUNS SIZES-FILE, with InferenceServices cached and uncached
served in the namespace by one pod each, and KUBECTL, KUBECONFIG and RELEASE_NAMESPACE
in the environment. A start lasts from the process's first
instruction (its start time in /proc) to the first 200 of its readiness address,
asked for every 5 ms from outside the pod. For a serving pod, ready means that the
model has been fetched from the store, loaded and has answered. Each new pod's
process is then killed, and the kubelet starts it again in the same pod: the same
start without what a cluster does for a new pod on the same processors.
"""

import http.client
import json
import os
import signal
import platform
import re
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

NAMESPACE, RUNS, SIZES = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
ROOT = Path(__file__).resolve().parent.parent
LIMIT = 180


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout


def kubectl(*arguments):
    return run(os.environ["KUBECTL"], "--kubeconfig", os.environ["KUBECONFIG"], *arguments)


def until(what, look, pause=0.05):
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(pause)
    sys.exit(f"error: expected {what} within {LIMIT} s")


def pods(namespace, selector):
    listed = json.loads(kubectl("-n", namespace, "get", "pods", "-l", selector, "-o", "json"))
    return [pod for pod in listed["items"] if "deletionTimestamp" not in pod["metadata"]]


def is_ready(address, port, path):
    connection = http.client.HTTPConnection(address, port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@dataclass
class Start:
    """What a start took, in seconds, and left, in MB."""

    ready: float
    cpu: float  # of all threads
    waited: float  # for a processor: of the thread that waited longest
    faults: int  # pages that had to be read from the disk
    resident: float
    parts: dict  # of it, by what is mapped


# What a serving pod's memory is mapped from: the first that a mapping's path fits.
MAPPED = (
    ("AOT cache", r"\.aot$"),
    ("ONNX Runtime's library", r"libonnxruntime"),
    ("JVM: libraries, modules, class archives", r"^/opt/java/"),
    ("jars and other files", r"^/"),
    ("heap, compiled code, classes, native memory: no file", r""),
)


def mapped(folder):
    """Resident memory of a process by what it is mapped from, in MB."""
    parts = dict.fromkeys((name for name, _ in MAPPED), 0.0)
    for line in (folder / "smaps").read_text().splitlines():
        header = re.match(r"[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+\s*(.*)", line)
        if header:
            part = next(name for name, pattern in MAPPED if re.search(pattern, header.group(1)))
        elif line.startswith("Rss:"):
            parts[part] += int(line.split()[1]) * 1024 / 1e6
    return parts


def processes(pod):
    """Ids of a pod's JVMs. What runs in our cluster is seen from outside, by its cgroup."""
    uid = pod["metadata"]["uid"]
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and (folder / "comm").read_text().strip() == "java":
                if uid in (folder / "cgroup").read_text():
                    found.append(int(folder.name))
        except OSError:
            pass  # it has ended
    return found


def waited(task):
    """Nanoseconds that a thread has waited for a processor; none of one that has ended meanwhile."""
    try:
        return int((task / "schedstat").read_text().split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def look(pid):
    """The process as it is now, which has just become ready."""
    now = time.clock_gettime(time.CLOCK_BOOTTIME)
    folder = Path("/proc") / str(pid)
    stat = (folder / "stat").read_text().rsplit(")", 1)[1].split()
    waits = [waited(task) for task in (folder / "task").iterdir()]
    resident = int(re.search(r"^VmRSS:\s*(\d+)", (folder / "status").read_text(), re.M).group(1))
    tick = os.sysconf("SC_CLK_TCK")
    return Start(
        ready=now - int(stat[19]) / tick,
        cpu=(int(stat[11]) + int(stat[12])) / tick,
        waited=max(waits) / 1e9,
        faults=int(stat[9]),
        resident=resident * 1024 / 1e6,
        parts=mapped(folder),
    )


def await_ready(pod, port, path, but):
    """Waits for the pod's process, another one than `but`."""
    pid = until("the pod's process", lambda: next((pid for pid in processes(pod) if pid not in but), None), pause=0.02)
    until("the pod to be ready", lambda: is_ready(pod["status"]["podIP"], port, path), pause=0.005)
    return pid, look(pid)


def start(namespace, selector, port, path):
    """Replaces the only pod, then its process. Returns both starts."""
    old = {pod["metadata"]["name"] for pod in pods(namespace, selector)}
    kubectl("-n", namespace, "delete", "pod", "--wait=false", "--grace-period=1", *old)
    pod = until(
        "a new pod with an address",
        lambda: next(
            (
                pod
                for pod in pods(namespace, selector)
                if pod["metadata"]["name"] not in old and "podIP" in pod["status"]
            ),
            None,
        ),
    )
    pid, fresh = await_ready(pod, port, path, but=[])
    name = pod["metadata"]["name"]
    kubectl("-n", namespace, "wait", "--for=condition=Ready", f"pod/{name}", f"--timeout={LIMIT}s")
    os.kill(pid, signal.SIGKILL)
    until("the process to be gone", lambda: pid not in processes(pod))
    _, again = await_ready(pod, port, path, but=[pid])
    kubectl("-n", namespace, "wait", "--for=condition=Ready", f"pod/{name}", f"--timeout={LIMIT}s")
    return fresh, again


def measure(namespace, selector, port, path):
    start(namespace, selector, port, path)  # the first fills the machine's caches
    return list(zip(*(start(namespace, selector, port, path) for _ in range(RUNS))))


def row(what, starts):
    def median(value):
        return statistics.median(map(value, starts))

    ready = [start.ready for start in starts]
    return (
        f"| {what} | {statistics.median(ready):.2f} s | {min(ready):.2f}–{max(ready):.2f} s "
        f"| {median(lambda start: start.cpu):.2f} s | {median(lambda start: start.waited):.2f} s "
        f"| {median(lambda start: start.faults):.0f} | {median(lambda start: start.resident):.0f} MB |"
    )


def resident_parts(starts):
    """A table of what is resident of a start."""
    lines = ["| resident of a serving pod with the AOT cache | |", "| --- | --- |"]
    for name, _ in MAPPED:
        lines.append(f"| {name} | {statistics.median(start.parts[name] for start in starts):.0f} MB |")
    return "\n".join(lines)


def write(table):
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, {time.strftime('%Y-%m-%d')}"
    (ROOT / "bench" / "results").mkdir(exist_ok=True)
    text = f"<!-- written by bench/startup -->\n{table}\n\nMedians of {RUNS} starts each, on {machine}; load average {os.getloadavg()[0]:.1f}.\n"
    (ROOT / "bench" / "results" / "startup.md").write_text(f"# Starts, memory, image sizes\n\n{text}")
    page = ROOT / "docs" / "performance.md"
    if page.exists():
        page.write_text(
            re.sub(
                r"(<!-- bench:startup -->\n).*?(<!-- /bench:startup -->)",
                lambda match: match.group(1) + text + match.group(2),
                page.read_text(),
                flags=re.S,
            )
        )
    print(text)


def main():
    served = "mlops.tatara.dev/inferenceservice="
    rows = []
    for what, *where in (
        ("operator", os.environ["RELEASE_NAMESPACE"], "app.kubernetes.io/component=operator", 8080, "/q/health/ready"),
        ("serving pod, with the AOT cache", NAMESPACE, served + "cached", 8081, "/health/ready"),
        ("serving pod, without the AOT cache", NAMESPACE, served + "uncached", 8081, "/health/ready"),
    ):
        fresh, again = measure(*where)
        rows.append(row(what, fresh))
        rows.append(row("the same, started again in its pod", again))
        if where[1] == served + "cached":
            resident = resident_parts(fresh)
    sizes = SIZES.read_text().strip()
    table = (
        "| what | start to ready | range | CPU | waited for a processor | pages read | resident |\n"
        "| --- | --- | --- | --- | --- | --- | --- |\n"
    ) + "\n".join(rows)
    table += f"\n\n{resident}"
    table += "\n\n| image | compressed | of it the AOT cache |\n| --- | --- | --- |\n"
    for line in sizes.splitlines():
        found = re.match(r"(\S+)\s+([\d.]+) MB compressed, AOT cache\s+([\d.]+) MB", line)
        if found:  # trainers are no images of ours
            table += "| {} | {} MB | {} MB |\n".format(*found.groups())
    write(table.rstrip())


if __name__ == "__main__":
    main()
