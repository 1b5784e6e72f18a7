"""Servers as processes: started on one core, stopped while others are measured."""

import http.client
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

START_LIMIT = 180
STOP_LIMIT = 15
PRIORITY = 15


class ServerFailed(Exception):
    pass


def free_ports(count):
    """The first of `count` consecutive ports that nothing listens on."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first = probe.getsockname()[1]
        if first + count < 65536 and all(_is_free(port) for port in range(first, first + count)):
            return first


def _is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def tree(root):
    """Ids of a process and its descendants."""
    children = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rsplit(") ", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    found, left = [], [root]
    while left:
        process = left.pop()
        found.append(process)
        left.extend(children.get(process, []))
    return found


def prefer(process):
    """Priority between sessions, which is what the kernel's autogroups go by."""
    autogroup = Path(f"/proc/{process}/autogroup")
    if "BENCH_FIRST" in os.environ and autogroup.exists():
        autogroup.write_text(str(-PRIORITY))


def alone_on(core):
    """Options of subprocess: on one core, and before others there if BENCH_FIRST is set."""

    def prepare():
        os.sched_setaffinity(0, {core})
        if "BENCH_FIRST" in os.environ:
            os.nice(-PRIORITY)
            prefer("self")

    return {"start_new_session": True, "preexec_fn": prepare}


class Running:
    """A server's process and what it started."""

    def __init__(self, name, command, environment, core, port, log):
        self.name, self.port, self.log = name, port, log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
                cwd=log.parent,
                **alone_on(core),
            )
        self.pid = self.process.pid

    def await_ready(self, path):
        end = time.monotonic() + START_LIMIT
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise ServerFailed(f"{self.name} ended with {self.process.returncode}: {self.last_words()}")
            if self._answers(path):
                # Workers may have sessions of their own.
                for process in tree(self.pid):
                    prefer(process)
                return
            time.sleep(0.1)
        raise ServerFailed(f"{self.name} was not ready within {START_LIMIT} s: {self.last_words()}")

    def _answers(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path or "/")
            return connection.getresponse().status == 200 or not path
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def last_words(self):
        return self.log.read_text(errors="replace").strip()[-800:]

    def _signal(self, number):
        for process in tree(self.pid):
            try:
                os.kill(process, number)
            except ProcessLookupError:
                pass

    def pause(self):
        self._signal(signal.SIGSTOP)

    def resume(self):
        self._signal(signal.SIGCONT)

    def resident_bytes(self):
        """Resident memory of all its processes, pages that they share counted once."""
        total = 0
        for process in tree(self.pid):
            try:
                rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
            except OSError:
                continue
            total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        return total * 1024

    def stop(self):
        everything = tree(self.pid)
        self.resume()
        self.process.terminate()
        try:
            self.process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            pass
        for process in everything:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
