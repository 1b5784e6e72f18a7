"""Measures servers against each other. Called by bench/serving; see there.

All servers of a case are started on one core and stopped (SIGSTOP) but for the one that
is being asked from another core. Each round asks every entry in turn, the next round in
the opposite order; our server is asked at both ends of a round, and the two make the A/A
pair that shows how far apart equal things are on this machine.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import crosscheck
import models
import numpy as np
import report
import servers
from processes import Running, ServerFailed, alone_on, free_ports

ROOT = Path(__file__).resolve().parent.parent.parent
QUICK_SERVERS = ["ours", "rust", "noop-rust", "noop-vertx", "fastapi"]
QUICK_CASES = ["iris", "wide-32"]
PROTOCOLS = ["rest", "binary", "grpc", "grpc-alone"]
RATE_CONNECTIONS = 32
LONGEST_WARM_UP = 40
OURS = "ours"
AGAIN = "ours again"
BARE = "bare"


def parse():
    parser = argparse.ArgumentParser(prog="bench/serving")
    parser.add_argument("--models", default="", help="cases, comma-separated")
    parser.add_argument("--servers", default="", help="servers, comma-separated")
    parser.add_argument("--protocols", default="", help="protocols, comma-separated")
    parser.add_argument("--connections", default="1,8,64", type=lambda text: [int(part) for part in text.split(",")])
    parser.add_argument("--seconds", type=float, default=1, help="length of one measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-rate", action="store_true", help="leave out the constant arrival rate")
    parser.add_argument("--before", type=Path, help="quarkus-app folder of another build of ours to compare with")
    for place in ("--cache", "--cases", "--application", "--library"):
        parser.add_argument(place, type=Path, required=True)
    parser.add_argument("--java", required=True)
    parser.add_argument("--k6", help="k6, for the cross-check")
    given = parser.parse_args()
    part = given.quick or given.models or given.servers or given.protocols or given.before or given.no_rate
    shorter = given.seconds < parser.get_default("seconds") or given.rounds < parser.get_default("rounds")
    given.whole = not (part or shorter)
    known_servers = [server.name for server in servers.SERVERS]
    known_cases = [case for case, _, _ in models.CASES]
    default_servers = [name for name in known_servers if name != "ours-before"]
    given.servers = chosen(given.servers, QUICK_SERVERS if given.quick else default_servers, [*known_servers, BARE])
    given.models = chosen(given.models, QUICK_CASES if given.quick else known_cases, known_cases)
    given.protocols = chosen(given.protocols, ["rest"] if given.quick else PROTOCOLS, PROTOCOLS)
    if given.before:
        given.servers.append("ours-before")
    return given


def chosen(text, default, known):
    names = [name for name in text.split(",") if name] or list(default)
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"error: unknown {', '.join(unknown)}\n  to do: choose from {', '.join(known)}")
    return names


def say(text):
    print(f"  {text}", file=sys.stderr, flush=True)


def load_case(folder, name):
    model = next(model for case, model, _ in models.CASES if case == name)
    with np.load(folder / f"{name}.npz") as arrays:
        outputs = {key.removeprefix("output:"): arrays[key] for key in arrays if key.startswith("output:")}
        files = folder / f"{model}.onnx", folder / f"{name}.raw"
        return servers.Case(name, model, *files, str(arrays["input_name"]), arrays["input"], outputs)


def agree(found, case, index):
    """Whether an answer holds the numbers that it must; MLServer and Triton make vectors matrices of one column."""
    if set(found) != set(case.outputs):
        return False
    for name, values in case.outputs.items():
        expected, got = values[index], found[name]
        if got.shape not in (expected.shape, (*expected.shape, 1)):
            return False
        got = got.reshape(expected.shape)
        if expected.dtype.kind == "i" and not np.array_equal(got, expected):
            return False
        if not np.allclose(got, expected, rtol=1e-4, atol=1e-5):
            return False
    return True


class Entry:
    """A server asked by one of its protocols."""

    def __init__(self, name, title, running, protocol, case, requests):
        self.name, self.title, self.running, self.protocol, self.case = name, title, running, protocol, case
        self.requests = requests
        self.measured = {"closed": {}, "rate": []}

    def load(self, place, cores, **settings):
        """Runs the load generator and returns what it printed, after a look at answers that are not as before."""
        with tempfile.TemporaryDirectory() as odd:
            port = self.running.port + self.protocol.port_offset
            settings |= {"port": port, "process": self.running.pid, "core": cores["server"]}
            settings |= {"requests": self.requests, "odd": odd}
            if self.protocol.grpc:
                settings |= {"grpc": self.protocol.grpc, "callers": self.protocol.callers}
            command = [place.rust("load"), *(f"{key}={value}" for key, value in settings.items())]
            done = subprocess.run(command, capture_output=True, text=True, **alone_on(cores["load"]))
            if done.returncode != 0:
                raise ServerFailed(f"{self.name}: {done.stderr.strip()} {self.running.last_words()}")
            answers = [(int(file.suffix[1:]), file.name, file.read_bytes()) for file in sorted(Path(odd).iterdir())]
            return json.loads(done.stdout), answers

    def check_all(self, place, cores):
        """Asks every request of the case once and keeps the answers, which must be right."""
        for index, rows in enumerate(self.case.inputs):
            (self.requests / f"{index}.request").write_bytes(self.protocol.request(self.case, rows))
            (self.requests / f"{index}.answer").write_bytes(b"")
        for seconds in (1, 5, 30):
            _, answers = self.load(place, cores, connections=1, seconds=seconds)
            self._check(answers)
            if {index for index, _, _ in answers} == set(range(len(self.case.inputs))):
                break
        else:
            raise ServerFailed(f"{self.name} answered only {len(answers)} requests in {seconds} s")
        for index, _, answer in answers:
            (self.requests / f"{index}.answer").write_bytes(answer)

    def _check(self, answers):
        for index, name, answer in answers:
            try:
                found = None if name.startswith("failed") else self.protocol.read(self.case, answer)
            except (ValueError, KeyError) as failure:
                raise ServerFailed(f"{self.name}: {failure} in {answer[:300]}") from failure
            if name.startswith("failed"):
                raise ServerFailed(f"{self.name} refused a request: {answer[:300]}")
            if found is not None and not agree(found, self.case, index):
                raise ServerFailed(f"{self.name} answered wrongly: {answer[:300]}")

    def warm_up(self, place, cores, windows):
        """Goes on until a request costs no less than before, `windows` times in a row."""
        least, stale = float("inf"), 0
        for _ in range(LONGEST_WARM_UP):
            seen, _ = self.load(place, cores, connections=8, seconds=1)
            cost = seen["cpu_seconds"] / max(1, seen["requests"])
            stale = 0 if cost < 0.97 * least else stale + 1
            least = min(least, cost)
            if stale == windows:
                break

    def measure(self, place, cores, **settings):
        self.running.resume()
        seen, odd = self.load(place, cores, warmup=0.2, **settings)
        self.running.pause()
        self._check(odd)
        if seen["failed"]:
            raise ServerFailed(f"{self.name}: {seen['failed']} requests failed")
        return seen


class Bench:
    def __init__(self, given, place, cores, scratch):
        self.given, self.place, self.cores, self.scratch = given, place, cores, scratch

    def start(self, server, case):
        folder = self.scratch / case.name / server.name
        folder.mkdir(parents=True)
        port = free_ports(server.ports)
        running = Running(
            server.name,
            server.command(self.place, case, port, folder),
            {
                "ORT_DISABLE_TELEMETRY": "1",
                "OMP_NUM_THREADS": "1",
                **server.environment(self.place, case, port, folder),
            },
            self.cores["server"],
            port,
            folder / "log",
        )
        try:
            running.await_ready(server.ready.format(model=case.model))
            entries, failures = [], {}
            for protocol in [protocol for protocol in server.protocols if protocol in self.given.protocols]:
                entry = self.entry(server, protocol, running, case, folder)
                try:
                    entry.check_all(self.place, self.cores)
                    entry.warm_up(self.place, self.cores, server.warmup)
                except ServerFailed as failure:
                    # A protocol that a server doesn't speak doesn't keep it from being asked by another.
                    failures[entry.name] = str(failure)
                    continue
                entries.append(entry)
            running.pause()
            return running, entries, failures
        except BaseException:
            running.stop()
            raise

    def entry(self, server, protocol, running, case, folder):
        name = server.name if protocol == "rest" else f"{server.name} {protocol}"
        title = server.title if protocol == "rest" else f"{server.title}, {server.protocols[protocol].title}"
        requests = folder / protocol
        requests.mkdir()
        return Entry(name, title, running, server.protocols[protocol], case, requests)

    def case(self, name):
        case = load_case(self.given.cases, name)
        started, entries, failures, bare = [], [], {}, []
        try:
            for server in servers.SERVERS:
                if server.name not in self.given.servers:
                    continue
                try:
                    running, of_server, of_protocols = self.start(server, case)
                except ServerFailed as failure:
                    say(f"{name}: LEFT OUT {failure}")
                    failures[server.name] = str(failure)
                    continue
                started.append(running)
                entries += of_server
                failures |= of_protocols
                for failure in of_protocols.values():
                    say(f"{name}: LEFT OUT {failure}")
                if of_server:
                    say(f"{name}: right answers from {', '.join(entry.name for entry in of_server)}")
            ours = next((entry for entry in entries if entry.name == OURS), None)
            if ours:
                entries.append(self.again(ours))
            for number in range(self.given.rounds):
                bare.append(self.bare(case))
                for entry in entries if number % 2 == 0 else entries[::-1]:
                    self.round(entry)
                say(f"{name}: round {number + 1} of {self.given.rounds} measured")
            allocated = self.allocated(ours) if ours else None
            compared = self.compared(ours) if ours and self.given.k6 else None
            resident = {running.name: running.resident_bytes() for running in started}
        finally:
            for running in started:
                running.stop()
        return {
            "bare": bare,
            "entries": {entry.name: {"title": entry.title, **entry.measured} for entry in entries},
            "resident_bytes": resident,
            "pane_bytes": servers.pane_bytes(self.scratch / name / "ours-panes"),
            "allocated_bytes": allocated,
            "cross_check": compared,
            "left_out": failures,
        }

    @staticmethod
    def again(ours):
        return Entry(AGAIN, "the same once more (A/A)", ours.running, ours.protocol, ours.case, ours.requests)

    def round(self, entry):
        for connections in self.given.connections:
            seen = entry.measure(self.place, self.cores, connections=connections, seconds=self.given.seconds)
            entry.measured["closed"].setdefault(str(connections), []).append(seen)
        if not self.given.no_rate:
            most = entry.measured["closed"][str(max(self.given.connections))]
            rate = np.median([run["requests"] / run["seconds"] for run in most]) / 2
            seen = entry.measure(
                self.place, self.cores, connections=RATE_CONNECTIONS, seconds=self.given.seconds, rate=rate
            )
            entry.measured["rate"].append({"rate": rate, **seen})

    def compared(self, ours):
        folder = ours.requests.parent / "cross-check"
        return crosscheck.compare(ours, self.place, self.cores, folder, self.given.seconds)

    def allocated(self, ours):
        """Bytes of Java heap that a request costs, from what collections found to collect."""
        log = ours.running.log.parent / "gc.log"
        before = log.stat().st_size
        seen = ours.measure(self.place, self.cores, connections=8, seconds=3 * self.given.seconds)
        found = re.findall(r"\[([\d.]+)s\].* DefNew: (\d+)K\(\d+K\)->(\d+)K", log.read_text()[before:])
        pauses = [(float(at), int(full), int(left)) for at, full, left in found]
        if len(pauses) < 2:
            return None
        bytes_made = 1024 * sum(after[1] - earlier[2] for earlier, after in zip(pauses, pauses[1:]))
        return bytes_made / (pauses[-1][0] - pauses[0][0]) / (seen["requests"] / seen["seconds"])

    def bare(self, case):
        command = [self.place.rust("server"), "bare", self.place.library]
        command += [case.file, case.raw, case.inputs.shape[1], self.given.seconds]
        done = subprocess.run(
            [str(part) for part in command],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "ORT_DISABLE_TELEMETRY": "1"},
            **alone_on(self.cores["server"]),
        )
        return json.loads(done.stdout)


def machine():
    text = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*:\s*(.*)$", text, re.M)
    virtual = " (virtual machine)" if " hypervisor" in text else ""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores of {model.group(1) if model else platform.machine()}{virtual}, "
        f"{memory:.0f} GiB, {platform.system()} {platform.release().split('-')[0]}"
    )


def main():
    given = parse()
    available = sorted(os.sched_getaffinity(0))
    if len(available) < 2:
        sys.exit("error: expected two cores, one for the server and one for the load\n  found: one")
    cores = {"load": available[0], "server": available[1]}
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        scratch = Path(temporary)
        # Copies: a build may replace the originals at any time.
        builds = [given.application, *([given.before] if given.before else [])]
        copies = [scratch / f"application-{number}" for number in range(len(builds))]
        for build, copy in zip(builds, copies):
            shutil.copytree(build, copy)
        application, before = copies[0], copies[1] if given.before else None
        place = servers.Place(given.cache, given.cases, given.java, given.k6, application, before, given.library)
        for copy in copies:
            servers.train(place, copy)
        os.sched_setaffinity(0, {cores["load"]})
        bench = Bench(given, place, cores, scratch)
        result = {
            "machine": machine(),
            "date": time.strftime("%Y-%m-%d"),
            "seconds": given.seconds,
            "rounds": given.rounds,
            "whole": given.whole,
            "servers": {server.name: server.title for server in servers.SERVERS},
            "cases": {},
        }
        for name in given.models:
            result["cases"][name] = bench.case(name)
            report.keep(result, given.cache)
    if given.whole:
        report.record(result, ROOT)
    else:
        report.show(result, given.cache)


if __name__ == "__main__":
    main()
