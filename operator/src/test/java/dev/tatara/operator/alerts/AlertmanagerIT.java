package dev.tatara.operator.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Alert;
import dev.tatara.operator.testing.MortalClient;
import dev.tatara.testing.CachedTool;
import dev.tatara.testing.KubeApi;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Prometheus with a rule, a real Alertmanager with the receiver of the documentation, and a real API server. */
class AlertmanagerIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String NAMESPACE = "ml";

    /** How often the operator is killed. */
    private static final int KILLS = Integer.getInteger("tatara.alerts.kills", 4);

    @AutoClose
    private static final KubeApi api = KubeApi.start();

    private static Vertx vertx;

    @TempDir
    private Path folder;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<Process> processes = new ArrayList<>();
    private final AtomicInteger cut = new AtomicInteger();
    private final AtomicInteger delivered = new AtomicInteger();
    private volatile double score;
    private volatile int port;
    private AlertServer server;
    private HttpServer metrics;
    private HttpServer way;

    @BeforeAll
    static void prepare() {
        api.installCrds(Path.of("../crds/manifests"));
        vertx = Vertx.vertx();
        api.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
    }

    @AfterAll
    static void closeVertx() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @BeforeEach
    void start() throws Exception {
        api.client().resource("""
                        apiVersion: mlops.tatara.dev/v1alpha1
                        kind: DriftPolicy
                        metadata: {name: churn, namespace: ml}
                        spec:
                          target: {inferenceService: churn}
                          alerts: {matchLabels: {alertname: HighModelDrift, service: churn}}
                        """).create();
        Files.writeString(folder.resolve("token"), "geheim");
        serve(api.client());
        startTheWay();
        startMetrics();
        startPrometheus(startAlertmanager());
    }

    @AfterEach
    void stop() throws Exception {
        for (var process : processes) {
            process.destroy();
        }
        for (var process : processes) {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
        metrics.stop(0);
        way.stop(0);
        server.close();
        http.close();
        api.client().resource(policy()).delete();
    }

    @Test
    void aRuleFiresAndThePolicyKnowsUntilItEndsAndAgain() throws Exception {
        score = 0.42;
        awaitStatus(1, Alert.FIRING);
        var first = status().alerts().getFirst();
        assertThat(first.alertname()).isEqualTo("HighModelDrift");
        assertThat(first.fingerprint()).isNotBlank();
        assertThat(first.startsAt()).isBefore(Instant.now());

        // The Alertmanager repeats what still fires; nothing is written for it.
        var written = policy().getMetadata().getResourceVersion();
        var posts = delivered.get();
        await().atMost(LIMIT).until(() -> delivered.get() >= posts + 3);
        assertThat(policy().getMetadata().getResourceVersion()).isEqualTo(written);

        score = 0.1;
        awaitStatus(0, Alert.RESOLVED);

        score = 0.5;
        awaitStatus(1, Alert.FIRING);
        var again = status().alerts().getFirst();
        assertThat(again.fingerprint()).isEqualTo(first.fingerprint());
        assertThat(again.startsAt()).isAfter(first.startsAt());
        assertThat(status().alerts()).hasSize(1);
    }

    /** The connection breaks after the post was taken and before it is answered: as when the operator is killed there. */
    @Test
    void whatWasNotAnsweredIsPostedAgain() {
        cut.set(3);
        score = 0.42;

        await().atMost(LIMIT).until(() -> cut.get() == 0 && delivered.get() > 0);
        awaitStatus(1, Alert.FIRING);
        assertThat(registry.get("tatara.alert.posts")
                        .tag("code", "200")
                        .counter()
                        .count())
                .isGreaterThanOrEqualTo(4);
        assertThat(status().alerts()).hasSize(1);
    }

    /** The operator is away while the rule fires: nothing arrives, and then it does. */
    @Test
    void whatCouldNotBeDeliveredIsPostedAgain() {
        cut.set(-1);
        score = 0.42;
        await().atMost(LIMIT).until(() -> cut.get() <= -4);
        assertThat(status()).isNull();

        cut.set(0);
        awaitStatus(1, Alert.FIRING);
    }

    /** Killed before its first write or after it, again and again, with alerts that begin and end meanwhile. */
    @Test
    void killedAtAnyWriteNothingIsLostAndNothingDoubled() {
        for (var kill = 0; kill < KILLS; kill++) {
            server.close();
            try (var mortal = MortalClient.dyingAfter(api, kill % 2)) {
                serve(mortal.client());
                score = 0.42;
                if (kill % 2 == 1) {
                    awaitStatus(1, Alert.FIRING);
                    score = 0.1;
                }
                await().atMost(LIMIT).until(mortal::isDead);
                assertThat(status() == null || status().alertsCount() == kill % 2)
                        .isTrue();
                server.close();
            }
            serve(api.client());
            if (kill % 2 == 0) {
                awaitStatus(1, Alert.FIRING);
                score = 0.1;
            }
            awaitStatus(0, Alert.RESOLVED);
            assertThat(status().alerts()).hasSize(1);
        }
    }

    private void serve(KubernetesClient client) {
        server = new AlertServer(
                vertx,
                new AlertInbox(new AlertStore(client, Clock.systemUTC()), Set.of(), 1000),
                new BearerToken(folder.resolve("token")),
                new AlertMeters(registry),
                1 << 20);
        port = server.start(0);
    }

    private void awaitStatus(int firing, String first) {
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(status()).isNotNull();
            assertThat(status().alertsCount()).isEqualTo(firing);
            assertThat(status().alerts().getFirst().status()).isEqualTo(first);
        });
    }

    private DriftPolicy policy() {
        return api.client()
                .resources(DriftPolicy.class)
                .inNamespace(NAMESPACE)
                .withName("churn")
                .get();
    }

    private DriftPolicyStatus status() {
        return policy().getStatus();
    }

    /** What the operator would export. */
    private void startMetrics() throws IOException {
        metrics = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        metrics.createContext("/metrics", exchange -> {
            var text =
                    "# TYPE model_drift_score gauge\nmodel_drift_score{namespace=\"ml\",name=\"churn\",service=\"churn\"} %s\n"
                            .formatted(score)
                            .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
            exchange.sendResponseHeaders(200, text.length);
            exchange.getResponseBody().write(text);
            exchange.close();
        });
        metrics.start();
    }

    /**
     * The network between Alertmanager and operator. With {@code cut} above zero that many answers are lost on their way
     * back; below zero nothing gets through at all, and it counts.
     */
    private void startTheWay() throws IOException {
        way = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        way.setExecutor(
                Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory()));
        way.createContext("/", exchange -> {
            var body = exchange.getRequestBody().readAllBytes();
            if (cut.get() < 0) {
                cut.decrementAndGet();
                throw new IOException("nobody there");
            }
            int status;
            try {
                status = http.send(
                                HttpRequest.newBuilder(
                                                URI.create("http://127.0.0.1:" + port + exchange.getRequestURI()))
                                        .header(
                                                "Authorization",
                                                exchange.getRequestHeaders().getFirst("Authorization"))
                                        .POST(BodyPublishers.ofByteArray(body))
                                        .build(),
                                BodyHandlers.discarding())
                        .statusCode();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            if (cut.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new IOException("the answer is lost");
            }
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
            delivered.incrementAndGet();
        });
        way.start();
    }

    private int startAlertmanager() throws Exception {
        var configuration = Files.writeString(folder.resolve("alertmanager.yaml"), """
                route:
                  receiver: tatara
                  group_by: [namespace, service]
                  group_wait: 0s
                  group_interval: 1s
                  repeat_interval: 1s
                receivers:
                  - name: tatara
                    webhook_configs:
                      - url: http://127.0.0.1:%d%s
                        http_config:
                          authorization: {credentials_file: %s}
                """.formatted(
                        way.getAddress().getPort(), AlertServer.PATH, folder.resolve("token")));
        return listening(
                "Listening on",
                CachedTool.of("alertmanager", "alertmanager").toString(),
                "--config.file=" + configuration,
                "--storage.path=" + folder.resolve("alertmanager"),
                "--web.listen-address=127.0.0.1:0",
                "--cluster.listen-address=");
    }

    private void startPrometheus(int alertmanager) throws Exception {
        Files.writeString(folder.resolve("rules.yaml"), """
                groups:
                  - name: drift
                    rules:
                      - alert: HighModelDrift
                        expr: model_drift_score > 0.3
                        labels: {severity: critical}
                """);
        var configuration = Files.writeString(folder.resolve("prometheus.yaml"), """
                global: {scrape_interval: 500ms, evaluation_interval: 500ms}
                rule_files: [rules.yaml]
                alerting:
                  alertmanagers:
                    - static_configs: [{targets: ["127.0.0.1:%d"]}]
                scrape_configs:
                  - job_name: operator
                    honor_labels: true
                    static_configs: [{targets: ["127.0.0.1:%d"]}]
                """.formatted(
                        alertmanager, metrics.getAddress().getPort()));
        listening(
                "Listening on",
                CachedTool.of("prometheus", "prometheus").toString(),
                "--config.file=" + configuration,
                "--storage.tsdb.path=" + folder.resolve("prometheus"),
                "--web.listen-address=127.0.0.1:0",
                // Alerts are sent again so soon after they were.
                "--rules.alert.resend-delay=1s");
    }

    /** Starts a server and waits until it says where it listens: it is given a free port by the system. */
    private int listening(String words, String... command) throws Exception {
        var log = folder.resolve(Path.of(command[0]).getFileName() + ".log");
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        processes.add(process);
        var pattern = Pattern.compile(words + ".*?127\\.0\\.0\\.1:(\\d+)");
        await().atMost(LIMIT).until(() -> {
            assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
            return pattern.matcher(Files.readString(log)).find();
        });
        var matcher = pattern.matcher(Files.readString(log));
        assertThat(matcher.find()).isTrue();
        return Integer.parseInt(matcher.group(1));
    }
}
