"""Measures lookups of features, ours and Feast's, on one Redis, and writes tables of it."""

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from measuring import carry_out, findings, free_port, median, options, rounds  # noqa: E402

POD, POD_AGAIN, SDK = "our pod's lookup", "the same once more", "Feast's SDK"
OURS, THEIRS = "our feature server", "Feast's feature server"
SHARE = 1 / 3


class Connection:
    """One kept connection, and as little as an HTTP client can be."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = port

    def post(self, body):
        head = (
            f"POST /get-online-features HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.socket.sendall(head.encode() + body)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self.more()
        head, _, rest = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            sys.exit(f"expected 200, found {answer[:500]!r}")
        length = next(
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
        )
        while len(rest) < length:
            rest += self.more()
        return rest

    def more(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the server closed the connection")
        return piece


class Bench:
    def __init__(self, options):
        self.options = options
        self.folder = Path(tempfile.mkdtemp(prefix="work-", dir=options.cache))
        self.processes = []
        self.redis = free_port()

    def start(self, *command, **keywords):
        log = open(self.folder / f"log-{len(self.processes)}", "w")
        keywords.setdefault("stdout", log)
        process = subprocess.Popen([str(word) for word in command], stderr=log, text=True, **keywords)
        self.processes.append(process)
        return process

    def feast(self, what, *arguments, **keywords):
        environment = {**os.environ, "no_proxy": "*", "FEAST_USAGE": "False"}
        command = (self.options.feast, "-W", "ignore", Path(__file__).with_name("feast_side.py"), what)
        return self.start(*command, self.redis, self.folder, *arguments, env=environment, **keywords)

    def await_port(self, port, process):
        limit = time.monotonic() + 180
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return
            except OSError:
                if process.poll() is not None or time.monotonic() > limit:
                    sys.exit(f"{process.args} doesn't listen:\n" + "".join(f.read_text() for f in self.folder.glob("log-*")))
                time.sleep(0.1)

    def prepare(self):
        self.await_port(
            self.redis,
            self.start("redis-server", "--port", self.redis, "--bind", "127.0.0.1", "--save", "", "--dir", self.folder),
        )
        sizes = (self.options.users, self.options.features)
        if self.feast("fill", *sizes).wait() != 0:
            sys.exit("Feast can't write its rows:\n" + "".join(f.read_text() for f in self.folder.glob("log-*")))
        features = [
            {"name": f"f{i}", "type": "DOUBLE" if i % 2 == 0 else "INT64"} for i in range(self.options.features)
        ]
        view = {"name": "activity", "project": "bench", "ttl": "PT24H", "store": "redis", "features": features}
        view["joinKeys"] = [{"name": "user_id", "type": "INT64"}]
        (self.folder / "features.json").write_text(json.dumps({"views": [view]}))
        (self.folder / "redis").mkdir()
        (self.folder / "redis" / "url").write_text(f"redis://127.0.0.1:{self.redis}")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        java = (self.options.java, "--enable-native-access=ALL-UNNAMED", "-Xmx256m")
        self.pod = self.start(
            *java,
            "-cp",
            self.options.classes,
            "dev.tatara.runtime.features.OnlineBench",
            self.folder,
            self.options.model,
            *sizes,
            **pipes,
        )
        self.sdk = self.feast("sdk", *sizes, **pipes)
        self.ports = {OURS: free_port(), THEIRS: free_port()}
        settings = {
            "TATARA_RUNTIME_FEATURES_FILE": str(self.folder / "features.json"),
            "TATARA_RUNTIME_FEATURES_CREDENTIALS_DIR": str(self.folder),
            "TATARA_RUNTIME_FEATURES_TIMEOUT": "5s",
            "TATARA_RUNTIME_HTTP_PORT": str(self.ports[OURS]),
            "TATARA_RUNTIME_ADMIN_PORT": str(free_port()),
        }
        ours = self.start(
            *java, "-jar", self.options.application / "quarkus-run.jar", env={**os.environ, **settings}
        )
        theirs = self.feast("serve", self.ports[THEIRS])
        self.await_port(self.ports[OURS], ours)
        self.await_port(self.ports[THEIRS], theirs)
        self.body = json.dumps(
            {"features": [f"activity:{f['name']}" for f in features], "entities": {"user_id": ["@"]}}
        )
        self.same()

    def request(self, user):
        return self.body.replace('"@"', str(user)).encode()

    def same(self):
        """Both servers answer the same, once they do."""
        limit = time.monotonic() + 60
        while True:
            try:
                answers = [json.loads(Connection(self.ports[side]).post(self.request(7))) for side in (OURS, THEIRS)]
                break
            except (ConnectionError, OSError):
                if time.monotonic() > limit:
                    raise
                time.sleep(0.2)
        columns = [
            dict(zip(answer["metadata"]["feature_names"], answer["results"], strict=True)) for answer in answers
        ]
        if columns[0] != columns[1]:
            sys.exit(f"expected the same answers, found:\n{answers[0]}\n{answers[1]}")

    def in_process(self, process, count):
        process.stdin.write(f"{count}\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            sys.exit("it ended:\n" + "".join(f.read_text() for f in self.folder.glob("log-*")))
        median, tail = line.split()
        return {"p50": float(median), "p99": float(tail)}

    def over_http(self, side, count):
        connection = Connection(self.ports[side])
        chosen = random.Random(1)
        took = []
        for _ in range(count):
            body = self.request(chosen.randrange(self.options.users))
            began = time.perf_counter_ns()
            connection.post(body)
            took.append((time.perf_counter_ns() - began) / 1e3)
        connection.socket.close()
        took.sort()
        return {"p50": took[count // 2], "p99": took[min(count - 1, int(count * 0.99))]}

    def measure(self, contender, count):
        if contender in (POD, POD_AGAIN):
            return self.in_process(self.pod, count)
        if contender == SDK:
            return self.in_process(self.sdk, count)
        return self.over_http(contender, count)

    def run(self):
        contenders = (POD, SDK, OURS, THEIRS, POD_AGAIN)
        for contender in contenders:
            self.measure(contender, self.options.warm)
        found = rounds(
            contenders,
            self.options.rounds,
            lambda contender: self.measure(contender, self.options.requests),
            lambda took: f"{took['p50']:.0f} / {took['p99']:.0f} µs",
        )
        return findings(
            self, found, requests=self.options.requests, features=self.options.features, users=self.options.users
        )

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def millis(result, contender, figure):
    return median(result, contender, figure) / 1e3


def text(result):
    lines = [
        f"{result['features']} features of one of {result['users']:,} users, one request after the other:",
        "",
        "| | p50, ms | p99, ms | p50 of Feast's | p99 of Feast's |",
        "| --- | --- | --- | --- | --- |",
    ]
    ratios = {}
    for contender, other in ((POD, SDK), (POD_AGAIN, SDK), (SDK, None), (OURS, THEIRS), (THEIRS, None)):
        p50, p99 = millis(result, contender, "p50"), millis(result, contender, "p99")
        line = f"| {contender} | {p50:.3f} | {p99:.3f} "
        if other is None:
            lines.append(line + "| | |")
        else:
            ratios[contender] = (p50 / millis(result, other, "p50"), p99 / millis(result, other, "p99"))
            lines.append(line + "| {:.2f}x | {:.2f}x |".format(*ratios[contender]))
    pod, server = max(ratios[POD]), max(ratios[OURS])
    lines += [
        "",
        f"Targets, p50 and p99: the pod's lookup below Feast's SDK: {pod:.2f}x, {'met' if pod < 1 else 'missed'}; "
        f"our feature server below a third of Feast's: {server:.2f}x, {'met' if server < SHARE else 'missed'}.",
        "",
        f"Measured on {result['machine']}, {result['date']}: medians of {result['rounds']} rounds of "
        f"{result['requests']:,} requests each, in turn.",
    ]
    return "\n".join(lines) + "\n"


def main():
    paths = ("java", "application", "model", "feast", "cache", "root")
    parser = options(paths, rounds=5, requests=2000, warm=3000, features=10, users=10_000)
    parser.add_argument("--classes", required=True)
    carry_out(Bench(parser.parse_args()), "online", "Online features", text)


if __name__ == "__main__":
    main()
