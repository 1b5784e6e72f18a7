"""Measures starts and writes their tables. Called by bench/startup; see there.

startup.py NAMESPACE RUNS SIZES-FILE, with InferenceServices cached and uncached
served in the namespace by one pod each, and KUBECTL, KUBECONFIG, HACK_DIR and
RELEASE_NAMESPACE in the environment. A start lasts from the process's first
instruction (its start time in /proc) to the first 200 of its readiness address,
asked for every 5 ms from outside the pod. For a serving pod, ready means that the
model has been fetched from the store, loaded and has answered.
"""

import http.client
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

NAMESPACE, RUNS, SIZES = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
ROOT = Path(__file__).resolve().parent.parent
CLUSTER = os.path.join(os.environ["HACK_DIR"], "cluster")
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


def process(pod):
    """Start time (seconds since boot) and resident memory (MB) of a pod's only container."""
    container = pod["status"]["containerStatuses"][0]["containerID"].removeprefix("containerd://")
    tasks = run(CLUSTER, "exec", "ctr", "-n", "k8s.io", "tasks", "ls")
    pid = next(line.split()[1] for line in tasks.splitlines() if line.startswith(container))
    stat = run(CLUSTER, "exec", "cat", f"/proc/{pid}/stat")
    ticks = int(stat.rsplit(")", 1)[1].split()[19])
    status = run(CLUSTER, "exec", "cat", f"/proc/{pid}/status")
    resident = int(re.search(r"^VmRSS:\s*(\d+)", status, re.M).group(1))
    return ticks / os.sysconf("SC_CLK_TCK"), resident * 1024 / 1e6


def start(namespace, selector, port, path):
    """Replaces the only pod and returns (seconds to ready, resident MB when ready and half a minute of rest later)."""
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
        pause=0.02,
    )
    until("the pod to be ready", lambda: is_ready(pod["status"]["podIP"], port, path), pause=0.005)
    ready = time.clock_gettime(time.CLOCK_BOOTTIME)
    name = pod["metadata"]["name"]
    pod = until(
        "the container's id",
        lambda: next(
            (
                found
                for found in pods(namespace, selector)
                if found["metadata"]["name"] == name
                and found["status"]["containerStatuses"][0].get("containerID")
            ),
            None,
        ),
    )
    started, resident = process(pod)
    kubectl("-n", namespace, "wait", "--for=condition=Ready", f"pod/{name}", f"--timeout={LIMIT}s")
    return ready - started, resident


def measure(namespace, selector, port, path):
    start(namespace, selector, port, path)  # the first fills the machine's caches
    found = [start(namespace, selector, port, path) for _ in range(RUNS)]
    return [seconds for seconds, _ in found], [resident for _, resident in found]


def row(what, seconds, resident):
    return (
        f"| {what} | {statistics.median(seconds):.2f} s | {min(seconds):.2f}–{max(seconds):.2f} s "
        f"| {statistics.median(resident):.0f} MB |"
    )


def write(table):
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, {time.strftime('%Y-%m-%d')}"
    (ROOT / "bench" / "results").mkdir(exist_ok=True)
    text = f"<!-- written by bench/startup -->\n{table}\n\nMeasured on {machine}, {RUNS} starts each.\n"
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
    operator = measure(
        os.environ["RELEASE_NAMESPACE"], "app.kubernetes.io/component=operator", 8080, "/q/health/ready"
    )
    rows = [row("operator: start to ready", *operator)]
    for name in ("cached", "uncached"):
        selector = f"mlops.tatara.dev/inferenceservice={name}"
        found = measure(NAMESPACE, selector, 8081, "/health/ready")
        rows.append(row(f"serving pod, {'with' if name == 'cached' else 'without'} the AOT cache", *found))
    sizes = SIZES.read_text().strip()
    table = "| what | median | range | resident when ready |\n| --- | --- | --- | --- |\n" + "\n".join(rows)
    table += "\n\n| image | compressed | of it the AOT cache |\n| --- | --- | --- |\n"
    for line in sizes.splitlines():
        name, total, cache = re.match(r"(\S+)\s+([\d.]+) MB compressed, AOT cache\s+([\d.]+) MB", line).groups()
        table += f"| {name} | {total} MB | {cache} MB |\n"
    write(table.rstrip())


if __name__ == "__main__":
    main()
