package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.TestModels;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The model is loaded again, taken out of service and put back, on the admin port. */
class ReloadIT {
    private static final String ROW = "[5.1,3.5,1.4,0.2]";
    private static final int CLIENTS = 4;
    private static final int RELOADS = 10;

    private static HttpResponse<String> post(ServerProcess server, String path, String... headers) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest.Builder request = HttpRequest.newBuilder(
                            URI.create("http://localhost:" + server.adminPort() + path))
                    .POST(HttpRequest.BodyPublishers.noBody());
            if (headers.length > 0) {
                request.headers(headers);
            }
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void noRequestFailsWhileTheModelIsLoadedAgain() throws Exception {
        try (ServerProcess server = ServerProcess.start(
                        Map.of("MODEL_URI", TestModels.path("iris").toUri().toString()));
                ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            AtomicBoolean enough = new AtomicBoolean();
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                answers.add(clients.submit(() -> {
                    int answered = 0;
                    while (!enough.get()) {
                        HttpResponse<String> answer = server.post("/predict", ROW);
                        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                        assertThat(answer.body()).startsWith("{\"prediction\":0,");
                        answered++;
                    }
                    return answered;
                }));
            }
            for (int i = 0; i < RELOADS; i++) {
                assertThat(post(server, "/v2/repository/models/iris/load").statusCode())
                        .isEqualTo(200);
            }
            enough.set(true);
            for (Future<Integer> answer : answers) {
                assertThat(answer.get()).isPositive();
            }
            Awaitility.await("old models let go")
                    .until(() -> server.log()
                                    .lines()
                                    .filter(line -> line.contains("let go of model iris"))
                                    .count()
                            == RELOADS);
            assertThat(server.log()).doesNotContain("ERROR");
            assertThat(server.admin("/metrics").body().lines().filter(line -> line.startsWith("served_model")))
                    .hasSize(1);
        }
    }

    @Test
    void anUnloadedModelIsUnreadyUntilItIsLoaded() throws Exception {
        try (ServerProcess server = ServerProcess.start(
                Map.of("MODEL_URI", TestModels.path("iris").toUri().toString()))) {
            assertThat(server.post("/v2/repository/models/iris/unload", "").statusCode())
                    .isEqualTo(403);
            assertThat(post(server, "/v2/repository/models/roses/unload").statusCode())
                    .isEqualTo(404);
            assertThat(post(server, "/v2/repository/models/iris/unload").statusCode())
                    .isEqualTo(200);
            assertThat(server.isUp("/health/ready")).isFalse();
            assertThat(server.isUp("/health/started")).isTrue();
            assertThat(server.isUp("/health/live")).isTrue();
            assertThat(server.post("/predict", ROW).statusCode()).isEqualTo(503);
            assertThat(server.get("/v2/models/iris/ready").statusCode()).isEqualTo(503);
            assertThat(server.post("/v2/repository/index", "").body()).contains("UNAVAILABLE", "unloaded");
            assertThat(server.post("/v2/repository/index", "{\"ready\":true}").body())
                    .isEqualTo("[]");
            assertThat(post(server, "/v2/repository/models/iris/load").statusCode())
                    .isEqualTo(200);
            assertThat(server.isUp("/health/ready")).isTrue();
            assertThat(server.post("/predict", ROW).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aTokenOpensWhatTheFileSays() throws Exception {
        Path token = Files.createTempFile("token-", ".txt");
        try (ServerProcess server = ServerProcess.start(Map.of(
                "MODEL_URI",
                TestModels.path("iris").toUri().toString(),
                "TATARA_RUNTIME_ADMIN_TOKEN_FILE",
                token.toString()))) {
            String load = "/v2/repository/models/iris/load";
            assertThat(post(server, load, "Authorization", "Bearer ").statusCode())
                    .isEqualTo(403);
            Files.writeString(token, "open sesame\n");
            assertThat(post(server, load).statusCode()).isEqualTo(403);
            assertThat(post(server, load, "Authorization", "Bearer open").statusCode())
                    .isEqualTo(403);
            assertThat(post(server, load, "Authorization", "Bearer open sesame").statusCode())
                    .isEqualTo(200);
        } finally {
            Files.delete(token);
        }
    }
}
