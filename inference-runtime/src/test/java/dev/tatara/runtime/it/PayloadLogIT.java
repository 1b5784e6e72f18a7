package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.artifacts.testing.FlakyRelay;
import dev.tatara.artifacts.testing.FlakyRelay.Fault;
import dev.tatara.statistics.Pane;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PayloadLogIT {
    private static final Duration GENEROUS = Duration.ofSeconds(60);
    private static final String ROW = "[5.1,3.5,1.4,0.2]";

    @TempDir
    Path folder;

    @Test
    void everythingIsLoggedWhenASignalComesUnderLoad() throws Exception {
        AtomicInteger answered = new AtomicInteger();
        AtomicBoolean unready = new AtomicBoolean();
        try (StoredObservations store = new StoredObservations(folder);
                ServerProcess server = ServerProcess.start(store.environment(
                        "TATARA_RUNTIME_LOGGING_SAMPLE_PERCENT", "100",
                        "TATARA_RUNTIME_LOGGING_FILE_BYTES", "2000",
                        "TATARA_RUNTIME_DRAIN_DELAY", "2s"));
                ExecutorService clients = Executors.newFixedThreadPool(4)) {
            List<Future<?>> running = new ArrayList<>();
            for (int client = 0; client < 4; client++) {
                running.add(clients.submit(() -> {
                    try (HttpClient http = HttpClient.newBuilder()
                            .version(HttpClient.Version.HTTP_1_1)
                            .build()) {
                        HttpRequest request = HttpRequest.newBuilder(server.uri("/predict"))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(ROW))
                                .build();
                        while (!unready.get()) {
                            assertThat(http.send(request, HttpResponse.BodyHandlers.ofString())
                                            .statusCode())
                                    .isEqualTo(200);
                            answered.incrementAndGet();
                        }
                    }
                    return null;
                }));
            }
            Awaitility.await().atMost(GENEROUS).until(() -> answered.get() > 500);
            server.terminate();
            Awaitility.await().atMost(GENEROUS).until(() -> !server.isUp("/health/ready"));
            int seen = answered.get();
            Awaitility.await().atMost(GENEROUS).until(() -> answered.get() > seen + 100);
            unready.set(true);
            for (Future<?> future : running) {
                future.get();
            }
            assertThat(server.awaitExit()).isZero();
            assertThat(store.query("select count(*), count(distinct request_id), sum(rows) from log"))
                    .isEqualTo("%1$d|%1$d|%1$d".formatted(answered.get()));
            assertThat(store.files("payloads")).hasSizeGreaterThan(1);
            assertThat(store.files("payloads").getFirst())
                    .matches("s3://observations/base/payloads/shop/flowers/55ab012345/"
                            + "\\d{4}-\\d\\d-\\d\\d/\\d\\d/flowers-55ab012345-x2x4k-[0-9a-f]{12}-\\d+\\.jsonl\\.gz");
            assertThat(Pane.merge(store.panes()).rowsSeen()).isEqualTo(answered.get());
        }
    }

    @Test
    void duckDbReadsWhatARequestBroughtAndGot() throws Exception {
        try (StoredObservations store = new StoredObservations(folder);
                ServerProcess server = ServerProcess.start(store.environment(
                        "TATARA_RUNTIME_LOGGING_SAMPLE_PERCENT", "100",
                        "JAVA_TOOL_OPTIONS",
                                "-Dtatara.runtime.monitoring.features.X=sepal_length,sepal_width,petal_length,petal_width",
                        "TATARA_RUNTIME_LEDGER_ENABLED", "true",
                        "TATARA_RUNTIME_LOGGING_EXCLUDE", "sepal_width,probabilities[1]",
                        "TATARA_RUNTIME_LOGGING_HASH", "petal_length"))) {
            server.post("/predict", "{\"features\":" + ROW + ",\"request_id\":\"mine\"}");
            HttpResponse<String> v2 = server.post(
                    "/v2/models/iris/infer",
                    "{\"inputs\":[{\"name\":\"X\",\"shape\":[2,4],\"datatype\":\"FP32\",\"data\":[" + ROW
                            + ",[6,3,5,2]]}]}",
                    "Content-Type",
                    "application/json",
                    "traceparent",
                    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
            assertThat(v2.body()).doesNotContain("\"id\"");
            String id = v2.headers().firstValue("x-request-id").orElseThrow();
            assertThat(id).matches("[0-9a-f]{32}");
            HttpResponse<String> named =
                    server.post("/predict", ROW, "Content-Type", "application/json", "X-Request-Id", "from-a-header");
            assertThat(named.headers().firstValue("x-request-id")).contains("from-a-header");
            assertThat(named.body()).contains("\"request_id\":\"from-a-header\"");
            server.terminate();
            assertThat(server.awaitExit()).isZero();

            assertThat(store.query(
                            "select request_id, protocol, rows, features.sepal_length[1] from log order by time"))
                    .isEqualTo("mine|predict|1|5.1\n" + id + "|v2-rest|2|5.1\nfrom-a-header|predict|1|5.1");
            assertThat(
                            store.query(
                                    "select request_id, row, revision, prediction, score > 0.5, time::date from ledger order by time, row"))
                    .isEqualTo(
                            "mine|0|55ab012345|0|true|%1$s\n%2$s|0|55ab012345|0|true|%1$s\n%2$s|1|55ab012345|2|true|%1$s\nfrom-a-header|0|55ab012345|0|true|%1$s"
                                    .formatted(LocalDate.now(ZoneOffset.UTC), id));
            assertThat(store.query(
                            "select trace_id, features.sepal_length, predictions.label, len(predictions['probabilities[0]'])"
                                    + " from log where protocol = 'v2-rest'"))
                    .matches("4bf92f3577b34da6a3ce929d0e0e4736\\|\\[5.1, 6.0]\\|\\[0, 2]\\|2");
            assertThat(store.query(
                            "select json_keys(to_json(features)), json_keys(to_json(predictions)) from log limit 1"))
                    .isEqualTo("[sepal_length, petal_length, petal_width]|[label, probabilities[0], probabilities[2]]");
            assertThat(store.query("select distinct features.petal_length[1] from log"))
                    .matches("[0-9a-f]{32}");
            assertThat(Pane.merge(store.panes()).columns().stream().map(Pane.Column::name))
                    .contains("sepal_length", "petal_width", "probabilities[0]")
                    .doesNotContain("sepal_width", "petal_length", "probabilities[1]");
        }
    }

    @Test
    void aStoreThatIsAwayCostsWhatIsBeyondTheBoundAndIsCounted() throws Exception {
        try (StoredObservations store = new StoredObservations(folder);
                FlakyRelay relay = FlakyRelay.to(store.server().port());
                ServerProcess server = ServerProcess.start(store.environment(
                        relay.endpoint(),
                        Map.of(
                                "TATARA_RUNTIME_LOGGING_SAMPLE_PERCENT", "100",
                                "TATARA_RUNTIME_LOGGING_FILE_BYTES", "1000",
                                "TATARA_RUNTIME_LOGGING_MAX_BUFFERED_BYTES", "20000",
                                "TATARA_RUNTIME_STORE_FLUSH_TIMEOUT", "30s")))) {
            relay.next(new Fault.Answer(503), new Fault.CutRequest(300), new Fault.CutResponse(10));
            store.server().stop();
            int sent = 0;
            while (dropped(server) == 0 && sent < 20_000) {
                for (int i = 0; i < 100; i++) {
                    assertThat(server.post("/predict", ROW).statusCode()).isEqualTo(200);
                    sent++;
                }
            }
            assertThat(dropped(server)).isPositive();
            store.server().start();
            Awaitility.await("nothing waits")
                    .atMost(GENEROUS)
                    .until(() -> server.metric("store_waiting_bytes{kind=\"payload-log\"}") == 0);
            long dropped = dropped(server);
            server.terminate();
            assertThat(server.awaitExit()).isZero();
            assertThat(store.query("select count(*) from log")).isEqualTo(String.valueOf(sent - dropped));
        }
    }

    private static long dropped(ServerProcess server) throws Exception {
        return (long) server.metric("payload_log_dropped_total");
    }
}
