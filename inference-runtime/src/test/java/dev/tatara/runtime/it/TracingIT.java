package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.TestModels;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.vertx.core.buffer.Buffer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spans arrive where the settings say, and nobody who asks for a prediction notices. */
class TracingIT {
    private static final Duration GENEROUS = Duration.ofSeconds(60);
    private static final String ROW = "{\"features\":[5.1,3.5,1.4,0.2]}";
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00f067aa0ba902b7";
    private static final String INFER = "inference.GRPCInferenceService/ModelInfer";

    private static ServerProcess start(String endpoint, String... more) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "MODEL_URI", TestModels.path("iris").toUri().toString(),
                "MODEL_VERSION", "7",
                "TATARA_NAMESPACE", "shop",
                "TATARA_SERVICE", "flowers",
                "TATARA_REVISION", "55ab012345",
                "POD_NAME", "flowers-55ab012345-x2x4k",
                "OTEL_EXPORTER_OTLP_ENDPOINT", endpoint,
                "TATARA_RUNTIME_TRACING_SAMPLE_PERCENT", "0"));
        for (int i = 0; i < more.length; i += 2) {
            environment.put(more[i], more[i + 1]);
        }
        ServerProcess server = ServerProcess.start(environment);
        Awaitility.await().atMost(GENEROUS).until(() -> server.log().contains("spans go to"));
        return server;
    }

    private static HttpResponse<String> post(ServerProcess server, String path, String body, String traceparent)
            throws Exception {
        return server.post(path, body, "Content-Type", "application/json", "traceparent", traceparent);
    }

    private static String traceparent(String trace, String flags) {
        return "00-" + trace + "-" + PARENT + "-" + flags;
    }

    private static String hex(com.google.protobuf.ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    @Test
    void aSampledRequestBecomesASpanWithItsQueueAndInference() throws Exception {
        try (Collector collector = new Collector();
                ServerProcess server = start(
                        collector.endpoint(),
                        "OTEL_EXPORTER_OTLP_HEADERS",
                        "X-Token=a%20secret",
                        "OTEL_RESOURCE_ATTRIBUTES",
                        "deployment.environment.name=test,service.version=more+than%2C7")) {
            Instant before = Instant.now();
            HttpResponse<String> answer = post(server, "/predict", ROW, traceparent(TRACE, "01"));
            assertThat(answer.statusCode()).isEqualTo(200);
            String requestId = answer.headers().firstValue("X-Request-Id").orElseThrow();
            Awaitility.await().atMost(GENEROUS).until(() -> collector.spans().size() == 3);
            Instant after = Instant.now();

            Span span = collector
                    .spans(it -> it.getKind() == Span.SpanKind.SPAN_KIND_SERVER)
                    .getFirst();
            assertThat(hex(span.getTraceId())).isEqualTo(TRACE);
            assertThat(hex(span.getParentSpanId())).isEqualTo(PARENT);
            assertThat(span.getName()).isEqualTo("POST /predict");
            assertThat(Collector.attributes(span))
                    .containsEntry("http.request.method", "POST")
                    .containsEntry("http.response.status_code", "200")
                    .containsEntry("http.route", "/predict")
                    .containsEntry("url.path", "/predict")
                    .containsEntry("client.address", "127.0.0.1")
                    .containsEntry("tatara.request.id", requestId)
                    .containsEntry("tatara.model.name", "iris")
                    .containsEntry("tatara.model.version", "7")
                    .containsEntry("tatara.rows", "1")
                    .doesNotContainKey("error.type");
            assertThat(span.getStartTimeUnixNano()).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(before.toEpochMilli()));
            assertThat(span.getEndTimeUnixNano()).isLessThan(TimeUnit.MILLISECONDS.toNanos(after.toEpochMilli() + 1));

            List<Span> children = collector.spans(it -> it.getKind() == Span.SpanKind.SPAN_KIND_INTERNAL);
            assertThat(children).extracting(Span::getName).containsExactlyInAnyOrder("queue", "inference");
            assertThat(children).allSatisfy(child -> {
                assertThat(child.getTraceId()).isEqualTo(span.getTraceId());
                assertThat(child.getParentSpanId()).isEqualTo(span.getSpanId());
                assertThat(child.getStartTimeUnixNano()).isGreaterThanOrEqualTo(span.getStartTimeUnixNano());
                assertThat(child.getEndTimeUnixNano())
                        .isBetween(child.getStartTimeUnixNano(), span.getEndTimeUnixNano());
            });
            Span queue = children.stream()
                    .filter(it -> it.getName().equals("queue"))
                    .findFirst()
                    .orElseThrow();
            Span inference = children.stream()
                    .filter(it -> it.getName().equals("inference"))
                    .findFirst()
                    .orElseThrow();
            assertThat(inference.getStartTimeUnixNano()).isGreaterThanOrEqualTo(queue.getEndTimeUnixNano());
            assertThat(Collector.attributes(inference)).containsEntry("tatara.batch.rows", "1");

            assertThat(collector.resource())
                    .containsEntry("service.name", "flowers")
                    .containsEntry("service.namespace", "shop")
                    .containsEntry("service.instance.id", "flowers-55ab012345-x2x4k")
                    .containsEntry("k8s.pod.name", "flowers-55ab012345-x2x4k")
                    .containsEntry("tatara.model.name", "iris")
                    .containsEntry("tatara.model.version", "7")
                    .containsEntry("tatara.revision", "55ab012345")
                    .containsEntry("deployment.environment.name", "test")
                    .as("what people say counts more")
                    .containsEntry("service.version", "more+than,7");
            assertThat(collector.tokens()).contains("a secret").doesNotContain("");
        }
    }

    @Test
    void lookingFeaturesUpIsASpanBeforeTheQueue(@TempDir Path folder) throws Exception {
        try (Collector collector = new Collector();
                OnlineStore store = new OnlineStore(folder).fill();
                ServerProcess server = ServerProcess.start(store.environment(
                        "OTEL_EXPORTER_OTLP_ENDPOINT",
                        collector.endpoint(),
                        "TATARA_RUNTIME_TRACING_SAMPLE_PERCENT",
                        "100"))) {
            String found = "{\"plant\":1,\"garden\":\"north\"}";
            Awaitility.await().atMost(GENEROUS).until(() -> server.log().contains("spans go to"));
            assertThat(post(server, "/predict", found, traceparent(TRACE, "01")).statusCode())
                    .isEqualTo(200);
            String unknown = "1".repeat(32);
            assertThat(post(server, "/predict", "{\"plant\":9,\"garden\":\"north\"}", traceparent(unknown, "01"))
                            .statusCode())
                    .isEqualTo(422);
            String given = "2".repeat(32);
            assertThat(post(server, "/predict", ROW, traceparent(given, "01")).statusCode())
                    .isEqualTo(200);
            server.terminate();
            assertThat(server.awaitExit()).isZero();

            Map<String, Span> spans = ofTrace(collector, TRACE);
            assertThat(spans).containsOnlyKeys("POST /predict", "features", "queue", "inference");
            Span features = spans.get("features");
            assertThat(features.getParentSpanId())
                    .isEqualTo(spans.get("POST /predict").getSpanId());
            assertThat(features.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_INTERNAL);
            assertThat(features.getStartTimeUnixNano())
                    .isBetween(spans.get("POST /predict").getStartTimeUnixNano(), features.getEndTimeUnixNano());
            assertThat(spans.get("queue").getStartTimeUnixNano()).isGreaterThanOrEqualTo(features.getEndTimeUnixNano());
            assertThat(ofTrace(collector, unknown))
                    .as("what isn't found was looked for all the same")
                    .containsOnlyKeys("POST /predict", "features");
            assertThat(ofTrace(collector, given)).containsOnlyKeys("POST /predict", "queue", "inference");
        }
    }

    private static Map<String, Span> ofTrace(Collector collector, String trace) {
        return collector.spans(it -> hex(it.getTraceId()).equals(trace)).stream()
                .collect(Collectors.toMap(Span::getName, it -> it));
    }

    @Test
    void theCallerDecidesAndWithoutOneThePercentage() throws Exception {
        try (Collector collector = new Collector();
                ServerProcess never = start(collector.endpoint());
                ServerProcess always = start(collector.endpoint(), "TATARA_RUNTIME_TRACING_SAMPLE_PERCENT", "100")) {
            for (int i = 0; i < 20; i++) {
                String trace = "%032x".formatted(i + 1);
                assertThat(post(never, "/predict", ROW, traceparent(trace, "01"))
                                .statusCode())
                        .isEqualTo(200);
                // Not sampled by the caller, and no caller at all.
                assertThat(post(always, "/predict", ROW, traceparent("%032x".formatted(i + 1_000), "00"))
                                .statusCode())
                        .isEqualTo(200);
                assertThat(never.post("/predict", ROW).statusCode()).isEqualTo(200);
            }
            assertThat(always.post("/predict", ROW).statusCode()).isEqualTo(200);
            for (ServerProcess server : List.of(never, always)) {
                server.terminate();
                assertThat(server.awaitExit()).isZero();
            }
            List<Span> requests = collector.spans(it -> it.getKind() == Span.SpanKind.SPAN_KIND_SERVER);
            assertThat(requests).hasSize(21);
            assertThat(requests.stream().filter(it -> it.getParentSpanId().isEmpty()))
                    .hasSize(1);
            assertThat(requests.stream()
                            .filter(it -> !it.getParentSpanId().isEmpty())
                            .map(it -> hex(it.getTraceId())))
                    .allMatch(id -> Long.parseLong(id, 16) <= 20);
        }
    }

    @Test
    void callsAndFailuresAreSpansToo() throws Exception {
        try (Collector collector = new Collector();
                ServerProcess server = start(collector.endpoint(), "TATARA_RUNTIME_TRACING_SAMPLE_PERCENT", "100");
                GrpcWire wire = new GrpcWire(server.port())) {
            Buffer message = GrpcWire.framed(0, irisCall());
            assertThat(wire.call(INFER, message, "traceparent", traceparent(TRACE, "01"))
                            .status())
                    .isEqualTo("0");
            assertThat(wire.call(INFER, GrpcWire.framed(0, new byte[] {10, 1, 'x'}))
                            .status())
                    .isEqualTo("5");
            Buffer two = Buffer.buffer().appendBuffer(message).appendBuffer(message);
            assertThat(wire.call("inference.GRPCInferenceService/ModelStreamInfer", two)
                            .status())
                    .isEqualTo("0");
            String infer = "/v2/models/iris/versions/7/infer";
            assertThat(server.post(infer, "{}").statusCode()).isEqualTo(400);
            assertThat(server.get("/v2/models/iris/infer").statusCode()).isEqualTo(405);
            server.terminate();
            assertThat(server.awaitExit()).isZero();

            List<Span> requests = collector.spans(it -> it.getKind() == Span.SpanKind.SPAN_KIND_SERVER);
            assertThat(requests)
                    .extracting(Span::getName)
                    .containsExactlyInAnyOrder(
                            INFER,
                            INFER,
                            "inference.GRPCInferenceService/ModelStreamInfer",
                            "inference.GRPCInferenceService/ModelStreamInfer",
                            "POST /v2/models/{model}/versions/{version}/infer",
                            "GET /v2/models/{model}/infer");
            Span call = collector
                    .spans(it -> hex(it.getTraceId()).equals(TRACE) && it.getKind() == Span.SpanKind.SPAN_KIND_SERVER)
                    .getFirst();
            assertThat(hex(call.getParentSpanId())).isEqualTo(PARENT);
            assertThat(Collector.attributes(call))
                    .containsEntry("rpc.system.name", "grpc")
                    .containsEntry("rpc.method", INFER)
                    .containsEntry("rpc.response.status_code", "OK")
                    .containsEntry("tatara.rows", "1");
            assertThat(requests.stream().map(it -> Collector.attributes(it).get("rpc.response.status_code")))
                    .contains("NOT_FOUND");
            assertThat(requests.stream().map(it -> Collector.attributes(it).get("http.response.status_code")))
                    .contains("400", "405");
            assertThat(requests)
                    .as("a client's mistake is no error of the server")
                    .allMatch(it -> it.getStatus().getCode() == Status.StatusCode.STATUS_CODE_UNSET);
            assertThat(collector.spans(it -> it.getName().equals("inference"))).hasSize(3);
        }
    }

    /** A ModelInferRequest with one row, raw. */
    private static byte[] irisCall() {
        byte[] row = new byte[16];
        return Buffer.buffer()
                .appendBytes(new byte[] {10, 4, 'i', 'r', 'i', 's', 42, 13, 10, 1, 'X', 18, 4, 'F', 'P', '3', '2'})
                .appendBytes(new byte[] {24, 1, 24, 4, 58, 16})
                .appendBytes(row)
                .getBytes();
    }

    @Test
    void aCollectorThatIsAwayHindersNobody() throws Exception {
        int unused;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            unused = socket.getLocalPort();
        }
        try (ServerProcess server =
                start("http://localhost:" + unused, "TATARA_RUNTIME_TRACING_SAMPLE_PERCENT", "100")) {
            // More than may wait: 3 spans of each request.
            for (int i = 0; i < 2_000; i++) {
                assertThat(server.post("/predict", ROW).statusCode()).isEqualTo(200);
            }
            Awaitility.await()
                    .atMost(GENEROUS)
                    .until(() -> BatchingIT.value(server.admin("/metrics").body(), "spans_dropped_total") > 0);
            assertThat(BatchingIT.value(server.admin("/metrics").body(), "spans_exported_total"))
                    .isZero();
            Instant asked = Instant.now();
            server.terminate();
            assertThat(server.awaitExit()).isZero();
            assertThat(Duration.between(asked, Instant.now())).isLessThan(Duration.ofSeconds(20));
            assertThat(server.log()).contains("spans are lost").doesNotContain("ERROR");
        }
    }

    @Test
    void nothingOfItIsLoadedWhereNothingIsTraced(@TempDir Path folder) throws Exception {
        Path classes = folder.resolve("classes.log");
        try (ServerProcess server = ServerProcess.start(Map.of(
                "MODEL_URI",
                TestModels.path("iris").toUri().toString(),
                "JAVA_TOOL_OPTIONS",
                "-Xlog:class+load:file=" + classes))) {
            assertThat(post(server, "/predict", ROW, traceparent(TRACE, "01")).statusCode())
                    .isEqualTo(200);
            assertThat(server.get("/metrics").statusCode()).isEqualTo(200);
            server.terminate();
            assertThat(server.awaitExit()).isZero();
        }
        assertThat(Files.readAllLines(classes))
                .as("the log is one of loaded classes")
                .anyMatch(line -> line.contains("dev.tatara.runtime.http.Exchange"))
                .noneMatch(line -> line.contains("io.opentelemetry")
                        || line.contains("runtime.tracing")
                        || line.contains("benmanes"));
    }
}
