package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.runtime.TestModels;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was asked before is answered without a run, to the same bytes. */
class CacheIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration GENEROUS = Duration.ofSeconds(60);
    private static final String ROWS = "{\"inputs\":[{\"name\":\"X\",\"shape\":[2,4],\"datatype\":\"FP32\",\"data\":"
            + "[5.1,3.5,1.4,0.2,6.3,3.3,6,2.5]}]%s}";

    private static ServerProcess start(String model, String maxBytes, String... more) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "MODEL_URI", TestModels.path(model).toUri().toString(), "TATARA_RUNTIME_CACHE_MAX_BYTES", maxBytes));
        for (int i = 0; i < more.length; i += 2) {
            environment.put(more[i], more[i + 1]);
        }
        return ServerProcess.start(environment);
    }

    private static double metric(ServerProcess server, String name) throws Exception {
        return BatchingIT.value(server.admin("/metrics").body(), name);
    }

    private static String infer(ServerProcess server, String model, String body) throws Exception {
        HttpResponse<String> answer = server.post("/v2/models/" + model + "/infer", body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    /** Budget 0 has workers do it, an hour the event loops. */
    @ParameterizedTest
    @ValueSource(strings = {"0s", "1h"})
    void theSameIsAnsweredTheSameWithoutARun(String eventLoopBudget) throws Exception {
        for (String model : new String[] {"iris", "iris-zipmap"}) {
            try (ServerProcess plain = start(model, "0");
                    ServerProcess server =
                            start(model, "1000000", "TATARA_RUNTIME_INFERENCE_EVENT_LOOP_BUDGET", eventLoopBudget)) {
                for (String more : new String[] {
                    "",
                    ",\"outputs\":[{\"name\":\"probabilities\"}]",
                    ",\"outputs\":[{\"name\":\"label\"}]",
                    ",\"outputs\":[{\"name\":\"label\"},{\"name\":\"probabilities\"}],\"id\":\"7\""
                }) {
                    String body = ROWS.formatted(
                            more.replace("probabilities", model.equals("iris") ? "probabilities" : "output_probability")
                                    .replace("label", model.equals("iris") ? "label" : "output_label"));
                    String uncached = infer(plain, model, body);
                    for (int i = 0; i < 3; i++) {
                        assertThat(infer(server, model, body)).isEqualTo(uncached);
                    }
                }
                JsonNode predicted = JSON.readTree(
                        plain.post("/predict", "[5.1,3.5,1.4,0.2]").body());
                for (int i = 0; i < 2; i++) {
                    JsonNode answer = JSON.readTree(
                            server.post("/predict", "[5.1,3.5,1.4,0.2]").body());
                    assertThat(answer.get("probabilities")).isEqualTo(predicted.get("probabilities"));
                    assertThat(answer.get("prediction")).isEqualTo(predicted.get("prediction"));
                }
                // All outputs, unasked or asked for in the model's order, are the same question.
                double misses = metric(server, "prediction_cache_misses_total");
                assertThat(misses).isEqualTo(4);
                assertThat(metric(server, "prediction_cache_hits_total")).isEqualTo(14 - misses);
                assertThat(metric(server, "prediction_batch_size_count")).isEqualTo(misses);
                assertThat(metric(server, "prediction_cache_bytes")).isPositive();
                Awaitility.await().atMost(GENEROUS).untilAsserted(() -> assertThat(
                                metric(server, "monitoring_rows_seen_total"))
                        .as("sketches see every request")
                        .isEqualTo(12 * 2 + 2));
                Awaitility.await().atMost(GENEROUS).untilAsserted(() -> assertThatStatisticsTell(server, model));
                assertThat(plain.admin("/metrics").body()).doesNotContain("prediction_cache");
            }
        }
    }

    private static void assertThatStatisticsTell(ServerProcess server, String model) throws Exception {
        JsonNode statistics = JSON.readTree(
                        server.get("/v2/models/" + model + "/stats").body())
                .at("/model_stats/0");
        assertThat(statistics.at("/inference_stats/success/count").asInt()).isEqualTo(14);
        assertThat(statistics.at("/inference_stats/cache_hit/count").asInt()).isEqualTo(10);
        assertThat(statistics.at("/inference_stats/cache_miss/count").asInt()).isEqualTo(4);
        assertThat(statistics.get("execution_count").asInt()).isEqualTo(4);
        assertThat(statistics.get("inference_count").asInt()).isEqualTo(7);
    }

    @Test
    void nearlyTheSameIsSomethingElse() throws Exception {
        try (ServerProcess server = start("identity-string", "1000000")) {
            String body = "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"BYTES\",\"shape\":%s,\"data\":%s}]}";
            for (int i = 0; i < 2; i++) {
                assertThat(infer(server, "identity-string", body.formatted("[1,2]", "[\"a\",\"bc\"]")))
                        .contains("[\"a\",\"bc\"]");
                assertThat(infer(server, "identity-string", body.formatted("[1,2]", "[\"ab\",\"c\"]")))
                        .contains("[\"ab\",\"c\"]");
                assertThat(infer(server, "identity-string", body.formatted("[2,1]", "[\"ab\",\"c\"]")))
                        .contains("\"shape\":[2,1]");
            }
            assertThat(metric(server, "prediction_cache_misses_total")).isEqualTo(3);
            assertThat(metric(server, "prediction_cache_hits_total")).isEqualTo(3);
        }
    }

    @Test
    void aModelThatIsLoadedAgainStartsAnew() throws Exception {
        try (ServerProcess server = start("iris", "1000000");
                HttpClient client = HttpClient.newHttpClient()) {
            infer(server, "iris", ROWS.formatted(""));
            infer(server, "iris", ROWS.formatted(""));
            HttpResponse<String> loaded = client.send(
                    HttpRequest.newBuilder(URI.create(
                                    "http://localhost:" + server.adminPort() + "/v2/repository/models/iris/load"))
                            .POST(HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(loaded.statusCode()).as(loaded.body()).isEqualTo(200);
            infer(server, "iris", ROWS.formatted(""));
            assertThat(metric(server, "prediction_cache_hits_total")).isEqualTo(1);
            assertThat(metric(server, "prediction_cache_misses_total")).isEqualTo(2);
        }
    }

    @Test
    void itNeverHoldsMoreThanItMay() throws Exception {
        try (ServerProcess server = start("identity-fp32", "20000")) {
            for (int i = 0; i < 500; i++) {
                infer(
                        server,
                        "identity-fp32",
                        "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[1," + i + "]}]}");
            }
            assertThat(metric(server, "prediction_cache_bytes")).isBetween(1.0, 20_000.0);
        }
    }

    @Test
    void modelsThatDrawAreNotKept() throws Exception {
        try (ServerProcess server = start("random", "1000000")) {
            String body = "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,4],\"data\":[1,2,3,4]}]}";
            assertThat(infer(server, "random", body)).isNotEqualTo(infer(server, "random", body));
            assertThat(server.log()).contains("cache.max-bytes has no effect", "RandomNormalLike");
            assertThat(metric(server, "prediction_cache_misses_total")).isZero();
        }
    }

    @Test
    void theLedgerAndTheLogHaveEveryRequest(@TempDir Path folder) throws Exception {
        try (StoredObservations store = new StoredObservations(folder);
                ServerProcess server = ServerProcess.start(store.environment(
                        "TATARA_RUNTIME_CACHE_MAX_BYTES", "1000000",
                        "TATARA_RUNTIME_LEDGER_ENABLED", "true",
                        "TATARA_RUNTIME_LOGGING_SAMPLE_PERCENT", "100"))) {
            for (int i = 0; i < 5; i++) {
                infer(server, "iris", ROWS.formatted(""));
            }
            assertThat(metric(server, "prediction_cache_hits_total")).isEqualTo(4);
            server.terminate();
            assertThat(server.awaitExit()).isZero();
            assertThat(store.files("ledger")).hasSize(1);
            assertThat(store.files("payloads")).hasSize(1);
            assertThat(StoredObservations.lines(
                            store.read(store.files("payloads").getFirst())))
                    .hasSize(5);
        }
    }
}
