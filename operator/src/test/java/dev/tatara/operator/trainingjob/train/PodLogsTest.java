package dev.tatara.operator.trainingjob.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that gives ends of logs as a kubelet does: the last lines, and of these the first bytes. */
class PodLogsTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();
    private volatile Instant now = Instant.parse("2026-01-02T03:04:05Z");
    private volatile int status = 200;
    private HttpServer server;
    private KubernetesClient client;
    private PodLogs logs;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/api/v1/namespaces/ml/pods/churn-0/log", this::answer);
        server.start();
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withMasterUrl("http://localhost:" + server.getAddress().getPort())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
        logs = new PodLogs(client, () -> now);
    }

    @AfterEach
    void stop() {
        client.close();
        server.stop(0);
    }

    @Test
    void whatATrainerSaysIsKnownSoonAndReadSeldom() {
        say("progress=10%");
        say("epoch=1 f1=0.5");
        assertThat(logs.latest(pod(), "f1")).as("nobody waits").isEmpty();
        await().atMost(LIMIT).until(() -> logs.latest(pod(), "f1").isPresent());
        assertThat(logs.latest(pod(), "f1").orElseThrow().progressPercent()).isEqualTo(10);

        say("epoch=2 f1=0.6");
        for (int i = 0; i < 100; i++) {
            logs.latest(pod(), "f1");
        }
        assertThat(asked).hasSize(1);
        assertThat(asked.peek()).contains("container=trainer", "limitBytes=65536", "tailLines=500");
    }

    @Test
    void aCurveIsWholeAlthoughOnlyEndsAreRead() {
        for (int epoch = 0; epoch < 1_000; epoch += 100) {
            for (int i = 0; i < 100; i++) {
                say("f1=" + (epoch + i));
            }
            var expected = epoch + 100;
            await().atMost(LIMIT).until(() -> {
                now = now.plusSeconds(11);
                return logs.latest(pod(), "f1")
                        .filter(log -> log.curve().size() == expected)
                        .isPresent();
            });
        }
        assertThat(logs.latest(pod(), "f1").orElseThrow().isWhole()).isTrue();

        // At once: who reads in between misses nothing.
        say(Stream.concat(Collections.nCopies(600, "other").stream(), Stream.of("f1=1"))
                .toArray(String[]::new));
        await().atMost(LIMIT).until(() -> {
            now = now.plusSeconds(11);
            return logs.latest(pod(), "f1")
                    .filter(log -> log.curve().size() == 1_001)
                    .isPresent();
        });
        assertThat(logs.latest(pod(), "f1").orElseThrow().isWhole())
                .as("lines between were missed")
                .isFalse();
    }

    @Test
    void longLinesHideNotTheLastWords() {
        for (int i = 0; i < 600; i++) {
            say("x".repeat(1_000));
        }
        say("f1=0.75");

        await().atMost(LIMIT).until(() -> logs.last(pod(), "f1").isPresent());
        assertThat(logs.last(pod(), "f1").orElseThrow().metrics()).containsEntry("f1", 0.75);
        assertThat(asked).hasSize(2);
        assertThat(logs.last(pod(), "f1").orElseThrow().isWhole()).isFalse();
    }

    @Test
    void oneEndlessLineIsCut() {
        say("f1=0.5 " + "x".repeat(1 << 20));

        await().atMost(LIMIT).until(() -> logs.last(pod(), "f1").isPresent());
        assertThat(logs.last(pod(), "f1").orElseThrow().metrics()).containsEntry("f1", 0.5);
        assertThat(asked).hasSize(4);
    }

    @Test
    void theEndIsReadAfterTheEnd() {
        say("f1=0.5");
        await().atMost(LIMIT).until(() -> logs.latest(pod(), "f1").isPresent());
        say("f1=0.75");

        await().atMost(LIMIT).until(() -> {
            now = now.plusSeconds(1);
            return logs.last(pod(), "f1").isPresent();
        });
        assertThat(logs.last(pod(), "f1").orElseThrow().reports()).containsExactly(0.5, 0.75);
    }

    @Test
    void aNodeThatIsAwayIsAskedAgain() {
        status = 500;
        assertThat(logs.last(pod(), "f1")).isEmpty();
        await().atMost(LIMIT).until(() -> !asked.isEmpty());
        assertThat(logs.last(pod(), "f1")).isEmpty();

        say("f1=0.5");
        status = 200;
        await().atMost(LIMIT).until(() -> {
            now = now.plusSeconds(1);
            return logs.last(pod(), "f1").isPresent();
        });
    }

    private void say(String... more) {
        var first = lines.size();
        lines.addAll(IntStream.range(0, more.length)
                .mapToObj(i -> Instant.parse("2026-01-02T03:00:00Z").plusMillis(100L * (first + i)) + " " + more[i])
                .toList());
    }

    private void answer(HttpExchange exchange) throws IOException {
        var query = exchange.getRequestURI().getQuery();
        asked.add(query);
        Map<String, String> options = Arrays.stream(query.split("&"))
                .map(option -> option.split("=", 2))
                .collect(Collectors.toMap(option -> option[0], option -> option[1]));
        var all = new ArrayList<>(lines);
        var last = all.subList(Math.max(0, all.size() - Integer.parseInt(options.get("tailLines"))), all.size());
        var text = last.stream()
                .map(line -> line + "\n")
                .collect(Collectors.joining())
                .getBytes(StandardCharsets.UTF_8);
        var body = Arrays.copyOf(text, Math.min(text.length, Integer.parseInt(options.get("limitBytes"))));
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static Pod pod() {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("ml")
                .withName("churn-0")
                .withUid("uid-0")
                .endMetadata()
                .build();
    }
}
