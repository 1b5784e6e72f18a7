package dev.tatara.mlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tatara.mlflow.MlflowException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers that a real server seldom gives. */
class FaultyServerTest {
    private static final String RUN = """
            {"run": {"info": {"run_id": "r1", "experiment_id": "1", "status": "RUNNING"}}}""";

    private final Queue<Answer> answers = new ArrayDeque<>();
    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private final List<String> authorizations = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    private Path secret;

    private HttpServer server;

    private record Answer(int status, String type, String body) {
        static Answer json(int status, String body) {
            return new Answer(status, "application/json", body);
        }
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            var answer = answers.size() > 1 ? answers.poll() : answers.peek();
            if (answer.status() == 0) {
                return;
            }
            var bytes = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", answer.type());
            if (answer.status() == 302) {
                exchange.getResponseHeaders().set("Location", "https://login.example.com/?secret=1");
            }
            exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private MlflowClient client() throws MlflowException {
        return MlflowClient.open(settings());
    }

    private MlflowSettings settings() throws MlflowException {
        return MlflowSettings.of(address())
                .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofSeconds(20))
                .withRetries(3, Duration.ofMillis(5), Duration.ofMillis(10));
    }

    private static void assertFails(ThrowingCallable call, Kind kind, String... words) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        MlflowException.class,
                        e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind))
                .hasMessageContainingAll(words);
    }

    @Test
    void questionsAreAskedAgain() throws Exception {
        answers.addAll(List.of(Answer.json(503, ""), new Answer(0, "", ""), Answer.json(200, RUN)));
        try (var client = client()) {
            assertThat(client.run("r1").id()).isEqualTo("r1");
        }
        assertThat(asked).hasSize(3);
    }

    @Test
    void butNotForEver() throws Exception {
        answers.add(new Answer(502, "text/html", "<html>Bad gateway</html>"));
        try (var client = client()) {
            assertFails(() -> client.run("r1"), Kind.Unavailable, "answered 502 to mlflow/runs/get");
        }
        assertThat(asked).hasSize(3);
    }

    @Test
    void aRunIsBegunOnceWhenNobodyKnowsWhetherItWas() throws Exception {
        answers.add(Answer.json(503, ""));
        try (var client = client()) {
            assertFails(() -> client.createRun("1", Instant.EPOCH, Map.of()), Kind.Unavailable, "answered 503");
            assertThat(asked).hasSize(1);

            answers.clear();
            answers.addAll(List.of(Answer.json(429, ""), Answer.json(200, RUN)));
            assertThat(client.createRun("1", Instant.EPOCH, Map.of()).id())
                    .as("too many requests: this one did nothing")
                    .isEqualTo("r1");
        }
    }

    @Test
    void nobodyAtHome() throws Exception {
        server.stop(0);
        try (var client = client()) {
            assertFails(() -> client.run("r1"), Kind.Unavailable, address(), "the connection was refused");
        }
    }

    @RepeatedTest(5)
    void aServerThatDoesNotAnswer() throws Exception {
        try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                var client = MlflowClient.open(MlflowSettings.of("http://127.0.0.1:" + silent.getLocalPort())
                        .withTimeouts(Duration.ofSeconds(5), Duration.ofMillis(200), Duration.ofMillis(200))
                        .withRetries(2, Duration.ofMillis(5), Duration.ofMillis(10)))) {
            assertFails(() -> client.run("r1"), Kind.Unavailable, "no answer within 200 ms");
        }
    }

    @Test
    void somethingElseThanMlflow() throws Exception {
        try (var client = client()) {
            answers.add(new Answer(200, "text/html", "<html>Please log in</html>"));
            assertFails(() -> client.run("r1"), Kind.Refused, "expected an MLflow server", "isn't JSON");
            answers.clear();
            answers.add(new Answer(404, "text/plain", "404 page not found"));
            assertFails(() -> client.run("r1"), Kind.Refused, "expected an MLflow server");
            answers.clear();
            answers.add(new Answer(302, "text/plain", ""));
            assertThatThrownBy(() -> client.run("r1"))
                    .hasMessageContaining("redirect to https://login.example.com/")
                    .hasMessageNotContaining("secret");
            answers.clear();
            answers.add(Answer.json(200, "[]"));
            assertFails(() -> client.run("r1"), Kind.Refused, "isn't an object");
        }
    }

    @Test
    void anAnswerWithoutEndIsCutOff() throws Exception {
        answers.add(Answer.json(200, "{\"x\": \"" + "x".repeat(65 << 20) + "\"}"));
        try (var client = client()) {
            assertFails(() -> client.run("r1"), Kind.Unavailable, address());
        }
    }

    @Test
    void whoIsNotLetInIsToldWhy() throws Exception {
        answers.add(Answer.json(401, "{\"message\": \"You are not authenticated\"}"));
        try (var client = client()) {
            assertFails(() -> client.run("r1"), Kind.Denied, "not authenticated", "no credentials were given");
        }
        try (var client = MlflowClient.open(settings().withCredentials(secret, "mlflow"))) {
            assertFails(() -> client.run("r1"), Kind.Denied, "Secret mlflow has neither token nor username");
            Files.writeString(secret.resolve("username"), "ann\n");
            Files.writeString(secret.resolve("password"), "geheim\n");
            assertFails(() -> client.run("r1"), Kind.Denied, "credentials from Secret mlflow were sent");
            assertThat(authorizations.getLast()).isEqualTo("Basic YW5uOmdlaGVpbQ==");
            Files.writeString(secret.resolve("token"), "t-1");
            assertThatThrownBy(() -> client.run("r1")).hasMessageNotContaining("t-1");
            assertThat(authorizations.getLast()).isEqualTo("Bearer t-1");
        }
    }

    @Test
    void anAuthorityThatIsNone() throws IOException {
        Files.writeString(secret.resolve("ca.crt"), "no certificate");
        assertFails(
                () -> MlflowClient.open(settings().withCredentials(secret, "mlflow")),
                Kind.Denied,
                "ca.crt of Secret mlflow");
    }

    @Test
    void errorsAreToldApart() throws Exception {
        try (var client = client()) {
            answers.add(Answer.json(400, "{\"error_code\": \"INVALID_PARAMETER_VALUE\", \"message\": \"no\\nway\"}"));
            assertFails(() -> client.run("r1"), Kind.Refused, "answered 400 to mlflow/runs/get: no way");
            answers.clear();
            answers.add(Answer.json(404, "{\"error_code\": \"RESOURCE_DOES_NOT_EXIST\", \"message\": \"gone\"}"));
            assertFails(() -> client.run("r1"), Kind.NotFound, "gone");
        }
    }

    @Test
    void filesOfOtherServersAreNotThisOnes() throws Exception {
        try (var client = client()) {
            var artifacts = client.artifacts();
            var base = address() + "/api/2.0/mlflow-artifacts/artifacts/";
            assertThat(artifacts.address("mlflow-artifacts:/1/r 1/artifacts").orElseThrow())
                    .hasToString(base + "1/r%201/artifacts");
            assertThat(artifacts
                            .address("mlflow-artifacts://127.0.0.1:"
                                    + server.getAddress().getPort() + "/1/x")
                            .orElseThrow())
                    .hasToString(base + "1/x");
            assertThat(artifacts.address("mlflow-artifacts://other:5000/1/x")).isEmpty();
            assertThat(artifacts.address("s3://bucket/1/x")).isEmpty();
        }
    }
}
