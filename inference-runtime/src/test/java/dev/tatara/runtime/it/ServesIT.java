package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.runtime.TestModels;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Collections;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ServesIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ROW = "[5.1,3.5,1.4,0.2]";
    private static final String V2 =
            "{\"id\":\"7\",\"inputs\":[{\"name\":\"X\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":" + ROW
                    + "}],\"outputs\":[{\"name\":\"label\"}]}";
    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = ServerProcess.start(Map.of(
                "MODEL_URI", TestModels.path("iris").toUri().toString(),
                "MODEL_NAME", "flowers",
                "MODEL_VERSION", "3",
                "TATARA_REVISION", "abc",
                "TATARA_RUNTIME_LIMITS_MAX_BODY_BYTES", "100000"));
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    /** As Triton has it, in microseconds; reading these rows alone takes longer than one. */
    @Test
    void whoWaitsNoLongerIsTold504() throws Exception {
        String rows = String.join(",", Collections.nCopies(4_000, ROW));
        String asking = "{\"parameters\":{\"timeout\":%d},\"inputs\":[{\"name\":\"X\",\"shape\":[4000,4],"
                + "\"datatype\":\"FP32\",\"data\":[" + rows + "]}],\"outputs\":[{\"name\":\"label\"}]}";
        String path = "/v2/models/flowers/infer";
        HttpResponse<String> late = server.post(path, asking.formatted(1));
        assertThat(late.statusCode()).as(late.body()).isEqualTo(504);
        assertThat(late.body()).contains("its deadline had passed when it was read");
        // What a gateway says beside it makes no longer of it.
        assertThat(server.post(
                                path,
                                asking.formatted(1),
                                "Content-Type",
                                "application/json",
                                "X-Envoy-Expected-Rq-Timeout-Ms",
                                "15000")
                        .statusCode())
                .isEqualTo(504);
        assertThat(BatchingIT.value(
                        server.admin("/metrics").body(), "prediction_cancelled_total\\{[^}]*reason=\"deadline\"[^}]*"))
                .isEqualTo(2);
        // 0 is Triton's word for no deadline of its own.
        for (long micros : new long[] {0, 60_000_000, Long.MAX_VALUE}) {
            assertThat(server.post(path, asking.formatted(micros)).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void speaksTheOpenInferenceProtocol() throws Exception {
        assertThat(server.get("/v2").body()).contains("\"name\":\"tatara\"");
        assertThat(server.get("/v2/health/live").statusCode()).isEqualTo(200);
        assertThat(server.get("/v2/health/ready").body()).isEqualTo("{\"ready\":true}");
        for (String path : new String[] {"/v2/models/flowers", "/v2/models/flowers/versions/3"}) {
            JsonNode metadata = JSON.readTree(server.get(path).body());
            assertThat(metadata.get("name").asText()).isEqualTo("flowers");
            assertThat(metadata.get("versions").toString()).isEqualTo("[\"3\"]");
            assertThat(metadata.get("inputs").toString())
                    .isEqualTo("[{\"name\":\"X\",\"datatype\":\"FP32\",\"shape\":[-1,4]}]");
            assertThat(server.get(path + "/ready").statusCode()).isEqualTo(200);
            HttpResponse<String> answer = server.post(path + "/infer", V2);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("content-type")).contains("application/json");
            assertThat(answer.body())
                    .isEqualTo("{\"model_name\":\"flowers\",\"model_version\":\"3\",\"id\":\"7\",\"outputs\":"
                            + "[{\"name\":\"label\",\"datatype\":\"INT64\",\"shape\":[1],\"data\":[0]}]}");
        }
    }

    @Test
    void speaksPlainJson() throws Exception {
        JsonNode one = JSON.readTree(server.post("/predict", "{\"features\":" + ROW + ",\"request_id\":\"r\"}")
                .body());
        assertThat(one.get("prediction").asInt()).isZero();
        assertThat(one.get("request_id").asText()).isEqualTo("r");
        assertThat(one.get("model_version").asText()).isEqualTo("3");
        JsonNode many = JSON.readTree(
                server.post("/predict/batch", "[" + ROW + "," + ROW + "]").body());
        assertThat(many.get("count").asInt()).isEqualTo(2);
        assertThat(server.get("/health").body())
                .isEqualTo("{\"status\":\"healthy\",\"model_loaded\":true,\"model_version\":\"3\"}");
        JsonNode info = JSON.readTree(server.get("/model/info").body());
        assertThat(info.get("model_name").asText()).isEqualTo("flowers");
        assertThat(info.get("version").asText()).isEqualTo("3");
        assertThat(info.has("trained_at") && info.has("features") && info.has("metrics"))
                .isTrue();
    }

    @Test
    void refusesWithTheRightStatusAndAReason() throws Exception {
        refused(server.post("/v2/models/flowers/infer", "{"), 400, "not JSON");
        refused(server.post("/v2/models/flowers/infer", V2.replace("[1,4]", "[2,4]")), 400, "needs 8 elements");
        refused(
                server.post("/v2/models/roses/infer", V2),
                404,
                "unknown model \\\"roses\\\": this server serves \\\"flowers\\\"");
        refused(server.post("/v2/models/flowers/versions/4/infer", V2), 404, "no version \\\"4\\\"");
        refused(server.get("/v2/models/roses"), 404, "unknown model");
        refused(server.get("/v2/models/flowers/nothing"), 404, "nothing at");
        refused(server.get("/nothing"), 404, "nothing at /nothing");
        refused(server.get("/predict"), 405, "use POST");
        refused(server.post("/health", ""), 405, "use GET");
        refused(server.post("/predict", ROW, "Content-Type", "text/xml"), 415, "application/json");
        refused(
                server.post("/predict", ROW, "Content-Type", "application/json", "Content-Encoding", "br"),
                415,
                "gzip");
        refused(
                server.post("/predict", ROW, "Content-Type", "application/json", "Content-Encoding", "gzip"),
                400,
                "not gzip");
        refused(server.post("/predict", ""), 400, "empty");
        assertThat(server.post("/predict", ROW, "Content-Type", "application/json; charset=utf-8")
                        .statusCode())
                .isEqualTo(200);
        assertThat(server.log()).doesNotContain("\tat ").doesNotContain("ERROR");
    }

    @Test
    void refusesABodyThatIsTooLargeHoweverItComes() throws Exception {
        String large = "[" + "1,".repeat(100_000) + "1]";
        refused(server.post("/predict", large), 413, "larger than 100000 bytes");
        try (HttpClient client = HttpClient.newHttpClient()) {
            // Without a length the size shows only on the way.
            HttpRequest request = HttpRequest.newBuilder(server.uri("/predict"))
                    .POST(HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofString(large)))
                    .build();
            refused(client.send(request, HttpResponse.BodyHandlers.ofString()), 413, "larger than 100000 bytes");
        }
        assertThat(server.post("/predict", ROW).statusCode()).isEqualTo(200);
    }

    @Test
    void answersOverHttp2WithPriorKnowledge() throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
            HttpRequest request =
                    HttpRequest.newBuilder(server.uri("/v2/models/flowers")).build();
            for (int i = 0; i < 3; i++) {
                HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            }
        }
    }

    @Test
    void tellsPrometheus() throws Exception {
        server.post("/predict", ROW);
        server.post("/v2/models/flowers/infer", V2);
        server.post("/v2/models/flowers/infer", "{");
        for (boolean admin : new boolean[] {false, true}) {
            Awaitility.await().untilAsserted(() -> {
                String metrics = (admin ? server.admin("/metrics") : server.get("/metrics")).body();
                assertThat(metrics)
                        .containsPattern(
                                "prediction_requests_total\\{code=\"200\",model=\"flowers\",protocol=\"predict\",status=\"success\",version=\"3\"} [1-9]")
                        .containsPattern(
                                "prediction_requests_total\\{code=\"400\",model=\"flowers\",protocol=\"v2-rest\",status=\"error\",version=\"3\"} [1-9]")
                        .containsPattern(
                                "prediction_request_latency_seconds_bucket\\{model=\"flowers\",protocol=\"v2-rest\",version=\"3\",le=\"0.025\"} [1-9]")
                        .containsPattern(
                                "model_prediction_latency_seconds_bucket\\{model=\"flowers\",version=\"3\",le=\"0.05\"} [1-9]")
                        .containsPattern(
                                "model_predictions_total\\{model=\"flowers\",model_version=\"3\",prediction_class=\"0\"} [1-9]")
                        .contains(
                                "prediction_batch_size_bucket",
                                "prediction_queue_seconds_bucket",
                                "jvm_memory_used_bytes")
                        .containsPattern(
                                "served_model\\{model=\"flowers\",revision=\"abc\",sha256=\"[0-9a-f]{64}\",version=\"3\"} 1");
            });
        }
    }

    @Test
    void probesAnswerOnTheAdminPort() throws Exception {
        for (String probe : new String[] {"/health/started", "/health/live", "/health/ready"}) {
            assertThat(server.admin(probe).statusCode()).isEqualTo(200);
        }
        assertThat(server.admin("/nothing").statusCode()).isEqualTo(404);
    }

    private static void refused(HttpResponse<String> answer, int status, String words) throws Exception {
        assertThat(answer.body()).contains(words);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(JSON.readTree(answer.body()).get("error").asText()).isNotBlank();
    }
}
