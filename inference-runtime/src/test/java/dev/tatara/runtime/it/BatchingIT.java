package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.runtime.TestModels;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests share runs, and nobody notices but by the speed. */
class BatchingIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CLIENTS = 16;
    private static final int REQUESTS = 100;
    private static final int LARGE = 20_000;
    private static final Duration GENEROUS = Duration.ofSeconds(60);
    private static final String FEATURES = "0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8";

    private static ServerProcess start(String model, String... more) {
        Map<String, String> environment =
                new HashMap<>(Map.of("MODEL_URI", TestModels.path(model).toUri().toString()));
        for (int i = 0; i < more.length; i += 2) {
            environment.put(more[i], more[i + 1]);
        }
        return ServerProcess.start(environment);
    }

    /** Budget 0 has workers do it, an hour the event loops. */
    @ParameterizedTest
    @ValueSource(strings = {"0s", "1ms", "1h"})
    void everyClientGetsItsOwnRowsOutOfSharedRuns(String eventLoopBudget) throws Exception {
        try (ServerProcess server = start(
                        "medium",
                        "TATARA_RUNTIME_INFERENCE_EVENT_LOOP_BUDGET",
                        eventLoopBudget,
                        "TATARA_RUNTIME_INFERENCE_INTRA_OP_THREADS",
                        "1");
                ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<?>> running = new ArrayList<>();
            for (int c = 0; c < CLIENTS; c++) {
                int client = c;
                running.add(clients.submit(() -> {
                    for (int i = 0; i < REQUESTS; i++) {
                        ask(server, client, i);
                    }
                    return null;
                }));
            }
            for (Future<?> client : running) {
                client.get();
            }
            String metrics = server.admin("/metrics").body();
            double runs = value(metrics, "prediction_batch_size_count");
            double rows = value(metrics, "prediction_batch_size_sum");
            assertThat(value(metrics, "prediction_queue_seconds_count"))
                    .as("every request took its turn once")
                    .isEqualTo(CLIENTS * REQUESTS);
            assertThat(rows).isEqualTo(CLIENTS * REQUESTS * 2.0);
            assertThat(runs).as("fewer runs than requests").isLessThan(CLIENTS * REQUESTS);
            assertThat(value(metrics, "prediction_queue_length")).isZero();
            // An answer may be there a moment before it is counted.
            Awaitility.await()
                    .atMost(GENEROUS)
                    .untilAsserted(() -> assertThatStatisticsCount(server, (long) runs, (long) rows));
            assertThat(server.log())
                    .contains("requests are batched")
                    .doesNotContain("ERROR")
                    .doesNotContain("WARN");
        }
    }

    private static void assertThatStatisticsCount(ServerProcess server, long runs, long rows) throws Exception {
        JsonNode statistics =
                JSON.readTree(server.get("/v2/models/medium/stats").body()).at("/model_stats/0");
        assertThat(statistics.get("inference_count").asLong()).isEqualTo(rows);
        assertThat(statistics.get("execution_count").asLong())
                .as("runs that were really made")
                .isEqualTo(runs);
        long rowsOfRuns = 0;
        long runsOfSizes = 0;
        for (JsonNode batch : statistics.get("batch_stats")) {
            long count = batch.at("/compute_infer/count").asLong();
            runsOfSizes += count;
            rowsOfRuns += count * batch.get("batch_size").asLong();
        }
        assertThat(runsOfSizes).isEqualTo(runs);
        assertThat(rowsOfRuns).isEqualTo(rows);
    }

    /** One to three rows, two on average, of one or two numbers, sometimes with the other outputs. */
    private static void ask(ServerProcess server, int client, int i) throws Exception {
        int rows = 1 + i % 3;
        rows = i == REQUESTS - 1 ? 2 : rows;
        int columns = 1 + (client + i / 7) % 2;
        long first = client * 1_000_000L + i * 1_000L;
        long[] ids = LongStream.range(first, first + (long) rows * columns).toArray();
        String features = IntStream.range(0, rows).mapToObj(row -> FEATURES).collect(Collectors.joining(","));
        HttpResponse<String> answer = server.post(
                "/v2/models/medium/infer",
                "{\"inputs\":[{\"name\":\"id\",\"datatype\":\"INT64\",\"shape\":[" + rows + "," + columns
                        + "],\"data\":" + JSON.writeValueAsString(ids)
                        + "},{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[" + rows + ",8],\"data\":[" + features
                        + "]}]" + (i % 5 == 0 ? ",\"outputs\":[{\"name\":\"id_again\"}]}" : "}"));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonNode outputs = JSON.readTree(answer.body()).get("outputs");
        assertThat(outputs).hasSize(i % 5 == 0 ? 1 : 2);
        assertThat(outputs.get(0).get("data").toString()).isEqualTo(JSON.writeValueAsString(ids));
        assertThat(outputs.get(0).get("shape").toString()).isEqualTo("[" + rows + "," + columns + "]");
        if (outputs.size() == 2) {
            assertThat(outputs.get(1).get("shape").toString()).isEqualTo("[" + rows + ",1]");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0s", "1h"})
    void aBadRowIsNobodyElsesTrouble(String eventLoopBudget) throws Exception {
        try (ServerProcess server =
                        start("fails-on-some", "TATARA_RUNTIME_INFERENCE_EVENT_LOOP_BUDGET", eventLoopBudget);
                ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<?>> running = new ArrayList<>();
            for (int c = 0; c < CLIENTS; c++) {
                int client = c;
                running.add(clients.submit(() -> {
                    for (int i = 0; i < REQUESTS; i++) {
                        boolean bad = (client + i) % 4 == 0;
                        int id = client * 1_000 + i;
                        HttpResponse<String> answer = server.post(
                                "/v2/models/fails-on-some/infer",
                                "{\"inputs\":[{\"name\":\"id\",\"datatype\":\"INT64\",\"shape\":[1,1],\"data\":[" + id
                                        + "]},{\"name\":\"key\",\"datatype\":\"INT64\",\"shape\":[1,1],\"data\":["
                                        + (bad ? 9 : 1) + "]}]}");
                        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(bad ? 400 : 200);
                        assertThat(answer.body()).contains(bad ? "the model refuses these inputs" : "[" + id + "]");
                    }
                    return null;
                }));
            }
            for (Future<?> client : running) {
                client.get();
            }
            assertThat(server.log()).doesNotContain("ERROR").doesNotContain("one by one");
        }
    }

    @Test
    void whoHungUpIsNotServedAndIsCounted() throws Exception {
        try (ServerProcess server = start(
                "medium",
                "TATARA_RUNTIME_INFERENCE_EVENT_LOOP_BUDGET",
                "0s",
                "TATARA_RUNTIME_INFERENCE_WORKERS",
                "1",
                "TATARA_RUNTIME_BATCHING_MAX_BATCH_SIZE",
                "1",
                "TATARA_RUNTIME_BATCHING_MAX_QUEUE",
                "1000")) {
            // Rows enough to keep the one worker busy for a while, again and again.
            byte[] large = http(body(LARGE)).getBytes(StandardCharsets.US_ASCII);
            byte[] small = http(body(1)).getBytes(StandardCharsets.US_ASCII);
            Awaitility.await().atMost(GENEROUS).untilAsserted(() -> {
                try (Socket busy = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                    busy.getOutputStream().write(large);
                    List<Socket> impatient = new ArrayList<>();
                    for (int i = 0; i < 20; i++) {
                        impatient.add(new Socket(InetAddress.getLoopbackAddress(), server.port()));
                        impatient.getLast().getOutputStream().write(small);
                    }
                    assertThat(value(server.admin("/metrics").body(), "prediction_queue_length"))
                            .isPositive();
                    for (Socket socket : impatient) {
                        socket.close();
                    }
                }
                assertThat(value(
                                server.admin("/metrics").body(),
                                "prediction_cancelled_total\\{[^}]*reason=\"disconnected\"[^}]*"))
                        .isPositive();
            });
            Awaitility.await()
                    .atMost(GENEROUS)
                    .until(() -> value(server.admin("/metrics").body(), "prediction_requests_in_flight") == 0);
            assertThat(server.log()).doesNotContain("ERROR");
        }
    }

    private static String body(int rows) {
        String ids = IntStream.range(0, rows).mapToObj(String::valueOf).collect(Collectors.joining(","));
        String features = IntStream.range(0, rows).mapToObj(row -> FEATURES).collect(Collectors.joining(","));
        return "{\"inputs\":[{\"name\":\"id\",\"datatype\":\"INT64\",\"shape\":[" + rows + ",1],\"data\":[" + ids
                + "]},{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[" + rows + ",8],\"data\":[" + features + "]}]}";
    }

    private static String http(String body) {
        return "POST /v2/models/medium/infer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    static double value(String metrics, String name) {
        Matcher matcher =
                Pattern.compile("(?m)^" + name + "(\\{[^}]*)?}? (\\S+)$").matcher(metrics);
        assertThat(matcher.find()).as("%s in%n%s", name, metrics).isTrue();
        return Double.parseDouble(matcher.group(matcher.groupCount()));
    }
}
