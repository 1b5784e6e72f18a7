package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.tatara.runtime.TestModels;
import dev.tatara.traffic.TrafficTable.Shadow;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LifecycleIT {
    private static final String ROW = "[5.1,3.5,1.4,0.2]";

    @Test
    void isUnreadyUntilTheModelAnswered() throws Exception {
        byte[] model = Files.readAllBytes(TestModels.path("iris"));
        CountDownLatch mayLoad = new CountDownLatch(1);
        HttpServer store = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        store.createContext("/model.onnx", exchange -> {
            try {
                mayLoad.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.sendResponseHeaders(200, model.length);
            exchange.getResponseBody().write(model);
            exchange.close();
        });
        store.start();
        try (ServerProcess server = ServerProcess.launch(
                Map.of("MODEL_URI", "http://localhost:" + store.getAddress().getPort() + "/model.onnx"))) {
            server.awaitListening();
            assertThat(server.isUp("/health/live")).isTrue();
            assertThat(server.isUp("/health/started")).isFalse();
            assertThat(server.isUp("/health/ready")).isFalse();
            assertThat(server.get("/health").body()).contains("\"status\":\"starting\",\"model_loaded\":false");
            HttpResponse<String> early = server.post("/predict", ROW);
            assertThat(early.statusCode()).isEqualTo(503);
            assertThat(early.body()).contains("still loading");
            assertThat(early.headers().firstValue("retry-after")).contains("1");
            mayLoad.countDown();
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> server.isUp("/health/ready"));
            assertThat(server.isUp("/health/started")).isTrue();
            assertThat(server.post("/predict", ROW).statusCode()).isEqualTo(200);
        } finally {
            store.stop(0);
        }
    }

    @Test
    void finishesWhatIsInFlight() throws Exception {
        try (ServerProcess server = ServerProcess.start(
                        Map.of("MODEL_URI", TestModels.path("iris").toUri().toString()));
                java.net.Socket socket = new java.net.Socket(InetAddress.getLoopbackAddress(), server.port())) {
            String body = ROW;
            socket.getOutputStream()
                    .write(("POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                                    + body.length() + "\r\n\r\n" + body.substring(0, 5))
                            .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            Awaitility.await().until(() -> server.get("/metrics").body().contains("prediction_requests_in_flight 2.0"));
            server.terminate();
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> server.log()
                    .contains("draining"));
            assertThat(server.isAlive()).isTrue();
            socket.getOutputStream().write(body.substring(5).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(answer)
                    .startsWith("HTTP/1.1 200 OK")
                    .contains("connection: close")
                    .contains("\"prediction\":0");
            assertThat(server.awaitExit()).isZero();
        }
    }

    @Test
    void namesSettingsItDoesNotKnowAndServes() throws Exception {
        try (ServerProcess server = ServerProcess.start(
                Map.of(
                        "MODEL_URI",
                        TestModels.path("iris").toUri().toString(),
                        "TATARA_RUNTIME_BATCHING_MAX_DELAY",
                        "5ms",
                        "_JAVA_OPTIONS",
                        "-Dtatara.runtime.time-travel=1 -Dtatara.runtime.batching.max-batch-size=32 -Dtatara.runtime.protocols.grpc=false"))) {
            Awaitility.await().until(() -> server.log().contains("leaves aside"));
            assertThat(server.log()).contains("leaves aside: tatara.runtime.time-travel\n");
        }
    }

    /** As the operator writes it. */
    @Test
    void tellsWhatASettingsFileSaysOfTheModel(@TempDir Path folder) throws Exception {
        Path settings = folder.resolve("application.properties");
        Files.writeString(settings, """
                tatara.runtime.logging.exclude[0]=X[1]
                tatara.runtime.logging.retention=PT720H
                tatara.runtime.model.metrics."accuracy"=0.94
                tatara.runtime.model.metrics."roc.auc"=1.0E-9
                tatara.runtime.model.task=Classification
                tatara.runtime.monitoring.features."X"=a,b,c,d
                tatara.runtime.model.trained-at=2026-11-20T06:00:00Z
                """);
        try (ServerProcess server = ServerProcess.start(Map.of(
                "MODEL_URI", TestModels.path("iris").toUri().toString(),
                "SMALLRYE_CONFIG_LOCATIONS", settings.toUri().toString()))) {
            assertThat(server.get("/model/info").body())
                    .contains("\"trained_at\":\"2026-11-20T06:00:00Z\"", "\"task\":\"Classification\"")
                    .contains("\"metrics\":{\"accuracy\":0.94,\"roc.auc\":1.0E-9}");
            assertThat(server.log()).doesNotContain("leaves aside");
        }
    }

    @Test
    void trainsItselfAndExits() throws Exception {
        try (ServerProcess server = ServerProcess.launch(Map.of("TATARA_RUNTIME_EXIT_AFTER_WARMUP", "true"))) {
            assertThat(server.awaitExit()).as(server.log()).isZero();
            assertThat(server.log()).contains("ready after").doesNotContain("ERROR");
        }
    }

    @Test
    void trainsItselfToRoute() throws Exception {
        try (RoutedPods pods = new RoutedPods()) {
            // Calls of the training name the first version.
            ServerProcess other = pods.launch(RoutedPods.CANDIDATE, Map.of("MODEL_VERSION", "1"));
            other.awaitReady();
            pods.write(pods.table(
                    List.of(pods.entry(RoutedPods.CANDIDATE, 50), pods.entry(RoutedPods.STABLE, 50)),
                    List.of(),
                    null,
                    new Shadow(RoutedPods.CANDIDATE, 100, 1e-5)));
            ServerProcess server = pods.launch(RoutedPods.STABLE, Map.of("TATARA_RUNTIME_EXIT_AFTER_WARMUP", "true"));
            assertThat(server.awaitExit()).as(server.log()).isZero();
            assertThat(server.log()).doesNotContain("ERROR");
            for (String protocol : List.of("predict", "v2-rest", "v2-grpc")) {
                assertThat(other.metric("prediction_requests_total{code=\"200\",model=\"iris\",protocol=\"" + protocol
                                + "\",status=\"success\",version=\"1\"}"))
                        .as(protocol)
                        .isPositive();
            }
        }
    }

    @Test
    void longRunsLeaveTheEventLoopAndAnswerTheSame() throws Exception {
        try (ServerProcess server = ServerProcess.start(Map.of(
                "MODEL_URI",
                TestModels.path("iris").toUri().toString(),
                "TATARA_RUNTIME_INFERENCE_EVENT_LOOP_BUDGET",
                "0s"))) {
            for (int i = 0; i < 50; i++) {
                assertThat(server.post("/predict", "{\"features\":" + ROW + ",\"request_id\":\"" + i + "\"}")
                                .body())
                        .contains("\"prediction\":0", "\"request_id\":\"" + i + "\"");
            }
            assertThat(server.post("/predict", "[1]").statusCode()).isEqualTo(400);
            server.terminate();
            assertThat(server.awaitExit()).isZero();
        }
    }
}
