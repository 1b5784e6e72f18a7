"""What bench/serving measures: how each server is started and how it is asked.

A server speaks one protocol or more; each (server, protocol) is an entry of its own
in the tables.
"""

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import protocols

BENCH = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Place:
    """Where things are on this machine."""

    cache: Path
    models: Path
    java: str
    k6: str | None
    application: Path
    before: Path | None
    library: Path

    def python(self, peer):
        return str(self.cache / "peers" / peer / "bin" / "python")

    def rust(self, name):
        return str(self.cache / "rust" / "release" / name)


@dataclass(frozen=True)
class Case:
    """A model and requests to it, with the answers ONNX Runtime's Python package gave."""

    name: str
    model: str
    file: Path
    raw: Path
    input_name: str
    inputs: "numpy.ndarray"
    outputs: dict


@dataclass(frozen=True)
class Server:
    name: str
    title: str
    # (place, case, port, scratch folder) -> command; environment comes from `environment`.
    command: Callable
    protocols: dict = field(default_factory=dict)
    environment: Callable = lambda place, case, port, scratch: {}
    ready: str = "/v2/health/ready"
    # Seconds without getting faster after which it counts as warm: more where code is compiled while it runs.
    warmup: int = 2
    ports: int = 1


def our_jvm(place):
    """As in the image, in a pod of 512 MiB."""
    options = ["-XX:+UseSerialGC", "-Xmx154m", "-XX:-UsePerfData", "--enable-native-access=ALL-UNNAMED"]
    return [place.java, *options, *os.environ.get("BENCH_JAVA_OPTIONS", "").split()]


def train(place, application):
    """Makes the AOT cache that the image has: a server that asks itself and ends."""
    subprocess.run(
        [
            *our_jvm(place),
            f"-XX:AOTCacheOutput={application}/app.aot",
            *("-Dtatara.runtime.exit-after-warmup=true", "-Dtatara.runtime.drain.delay=0s"),
            *("-Dtatara.runtime.http.port=0", "-Dtatara.runtime.admin.port=0"),
            *("-jar", f"{application}/quarkus-run.jar"),
        ],
        env={**os.environ, "ORT_DISABLE_TELEMETRY": "1"},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def ours(place, case, port, scratch, application=None, more=()):
    application = application or place.application
    return [
        *our_jvm(place),
        f"-XX:AOTCache={application}/app.aot",
        f"-Xlog:gc+heap=info:file={scratch}/gc.log",
        f"-Dtatara.runtime.model.uri=file://{case.file}",
        f"-Dtatara.runtime.model.name={case.model}",
        "-Dtatara.runtime.http.host=127.0.0.1",
        f"-Dtatara.runtime.http.port={port}",
        f"-Dtatara.runtime.admin.port={port + 1}",
        "-Dtatara.runtime.http.event-loops=1",
        "-Dtatara.runtime.inference.intra-op-threads=1",
        *os.environ.get("BENCH_OUR_SETTINGS", "").split(),
        *more,
        "-jar",
        str(application / "quarkus-run.jar"),
    ]


def ours_unwatched(place, case, port, scratch):
    return ours(place, case, port, scratch, more=["-Dtatara.runtime.monitoring.enabled=false"])


def ours_panes(place, case, port, scratch):
    """Twelve times as many panes as usual, written out."""
    store = [f"-Dtatara.runtime.store.uri=file://{scratch}/store", "-Dtatara.runtime.monitoring.pane=5s"]
    return ours(place, case, port, scratch, more=store)


def pane_bytes(scratch):
    """The size of the largest pane that was written; none without panes."""
    return max((pane.stat().st_size for pane in scratch.glob("store/drift/**/*.bin")), default=None)


def beside(peer):
    return str(BENCH / "peers" / peer)


def rust_server(place, case, port, scratch):
    return [place.rust("server"), "serve", str(place.library), str(case.file), case.model, str(port)]


def no_op_answer(case, scratch):
    """A file with what our server would answer: as many bytes."""
    file = scratch / "noop.answer"
    file.write_bytes(protocols.V2Json().expected(case))
    return str(file)


def no_op_rust(place, case, port, scratch):
    return [place.rust("server"), "noop", no_op_answer(case, scratch), str(port)]


def no_op_vertx(place, case, port, scratch):
    source = BENCH / "servers" / "vertx" / "NoOp.java"
    classpath = f"{place.application}/lib/main/*:{place.application}/lib/boot/*"
    options = ["-XX:+UseSerialGC", "-Xmx154m", "--enable-native-access=ALL-UNNAMED"]
    options += os.environ.get("BENCH_JAVA_OPTIONS", "").split()
    return [place.java, *options, "-cp", classpath, str(source), no_op_answer(case, scratch), str(port)]


def fastapi(place, case, port, scratch):
    return [
        *(place.python("fastapi"), "-m", "uvicorn", "server:app", "--app-dir", beside("fastapi")),
        *("--port", str(port), "--no-access-log", "--log-level", "warning"),
    ]


def kserve(place, case, port, scratch):
    options = [f"--http_port={port}", f"--grpc_port={port + 1}", "--workers=1", "--configure_logging=False"]
    return [place.python("kserve"), f"{beside('kserve')}/server.py", str(case.file), case.model, *options]


def mlserver(place, case, port, scratch):
    settings = {"name": case.model, "implementation": "server.OnnxModel", "parameters": {"uri": str(case.file)}}
    (scratch / "model-settings.json").write_text(json.dumps(settings))
    return [place.python("mlserver"), "-m", "mlserver.cli.main", "start", str(scratch)]


def mlserver_environment(place, case, port, scratch):
    return {
        "PYTHONPATH": beside("mlserver"),
        "MLSERVER_HOST": "127.0.0.1",
        "MLSERVER_HTTP_PORT": str(port),
        "MLSERVER_GRPC_PORT": str(port + 1),
        "MLSERVER_METRICS_PORT": str(port + 2),
        # Inference in the server's own process.
        "MLSERVER_PARALLEL_WORKERS": "0",
        "MLSERVER_DEBUG": "false",
    }


def bentoml(place, case, port, scratch):
    options = ["--host", "127.0.0.1", "--port", str(port), "--working-dir", beside("bentoml")]
    return [place.python("bentoml"), "-m", "bentoml", "serve", "service:Onnx", *options]


def bentoml_environment(place, case, port, scratch):
    return {"MODEL": str(case.file), "BENTOML_DO_NOT_TRACK": "true", "BENTOML_HOME": str(scratch / "home")}


def litserve(place, case, port, scratch):
    return [place.python("litserve"), f"{beside('litserve')}/server.py", str(case.file), str(port)]


def pytriton(place, case, port, scratch):
    return [place.python("pytriton"), f"{beside('pytriton')}/server.py", str(case.file), case.model, str(port)]


OUR_PROTOCOLS = {
    "rest": protocols.V2Json(),
    "binary": protocols.V2Binary(),
    "grpc": protocols.Grpc(),
    "grpc-alone": protocols.Grpc(callers=1),
}

SERVERS = [
    Server("ours", "Tatara", ours, OUR_PROTOCOLS, warmup=5, ports=2),
    Server(
        "ours-unwatched",
        "Tatara, without sketches",
        ours_unwatched,
        {"rest": protocols.V2Json()},
        warmup=5,
        ports=2,
    ),
    Server(
        "ours-panes",
        "Tatara, with panes every 5 s",
        ours_panes,
        {"rest": protocols.V2Json()},
        warmup=5,
        ports=2,
    ),
    Server(
        "ours-before",
        "Tatara, the build compared with",
        lambda place, case, port, scratch: ours(place, case, port, scratch, place.before),
        {"rest": protocols.V2Json()},
        warmup=5,
        ports=2,
    ),
    Server("rust", "Rust: axum + ort", rust_server, {"rest": protocols.V2Json()}),
    Server("noop-rust", "no-op route: axum", no_op_rust, {"rest": protocols.NoOp()}, ready=""),
    Server("noop-vertx", "no-op route: Vert.x", no_op_vertx, {"rest": protocols.NoOp()}, ready="", warmup=5),
    Server(
        "fastapi",
        "FastAPI + onnxruntime",
        fastapi,
        {"rest": protocols.Rows("/predict")},
        environment=lambda place, case, port, scratch: {"MODEL": str(case.file)},
        ready="/ready",
    ),
    Server(
        "kserve",
        "KServe's Python SDK",
        kserve,
        {"rest": protocols.V2Json(), "grpc": protocols.Grpc(port_offset=1)},
        ports=2,
    ),
    Server(
        "mlserver",
        "MLServer",
        mlserver,
        {"rest": protocols.V2Json(), "grpc": protocols.Grpc(port_offset=1)},
        environment=mlserver_environment,
        ports=3,
    ),
    Server("bentoml", "BentoML", bentoml, {"rest": protocols.Rows("/predict")}, bentoml_environment, ready="/readyz"),
    Server("litserve", "LitServe", litserve, {"rest": protocols.Rows("/predict")}, ready="/health"),
    Server(
        "pytriton",
        "Triton, by PyTriton",
        pytriton,
        {"rest": protocols.V2Json(), "grpc": protocols.Grpc(port_offset=1)},
        ready="/v2/models/{model}/ready",
        ports=3,
    ),
]
