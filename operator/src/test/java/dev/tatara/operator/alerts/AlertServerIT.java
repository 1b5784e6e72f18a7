package dev.tatara.operator.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Alert;
import dev.tatara.operator.kubernetes.StatusWriter;
import dev.tatara.operator.testing.MortalClient;
import dev.tatara.testing.KubeApi;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Posts over the network, before a real API server. */
class AlertServerIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final AtomicInteger NAMESPACES = new AtomicInteger();
    private static final long MAX_BYTES = 8 << 20;

    @AutoClose
    private static final KubeApi api = KubeApi.start();

    private static Vertx vertx;

    @TempDir
    private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<AlertServer> servers = new ArrayList<>();
    private String namespace;
    private int port;

    @BeforeAll
    static void prepare() {
        api.installCrds(Path.of("../crds/manifests"));
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void closeVertx() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @BeforeEach
    void start() throws IOException {
        namespace = "alerts-" + NAMESPACES.incrementAndGet();
        api.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        policy("churn", "churn");
        Files.writeString(folder.resolve("token"), "right\n");
        port = serve(api.client());
    }

    @AfterEach
    void stop() {
        servers.forEach(AlertServer::close);
        http.close();
    }

    @Test
    void anAlertIsInTheStatusWhenItIsAnswered() throws Exception {
        policy("other", "fraud");
        var before = read("other").getMetadata().getResourceVersion();

        var answer = post(Posts.of(Posts.firing("aa", namespace), Posts.firing("bb", "elsewhere")));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"received\":2,\"matched\":1}");
        assertThat(status().alerts()).containsExactly(new Alert("aa", "HighModelDrift", Posts.START, null, "firing"));
        assertThat(status().alertsCount()).isEqualTo(1);
        assertThat(read("other").getMetadata().getResourceVersion()).isEqualTo(before);

        assertThat(post(Posts.of(Posts.resolved("aa", namespace))).statusCode()).isEqualTo(200);
        assertThat(status().alerts()).extracting(Alert::status).containsExactly("resolved");
        assertThat(status().alertsCount()).isZero();
        assertThat(registry.get("tatara.alerts.received")
                        .tag("status", "firing")
                        .counter()
                        .count())
                .isEqualTo(2);
        assertThat(registry.get("tatara.alerts.matched").counter().count()).isEqualTo(2);
    }

    @Test
    void repeatedPostsWriteNothing() throws Exception {
        post(Posts.of(Posts.firing("aa", namespace)));
        var written = read("churn").getMetadata().getResourceVersion();

        for (var time = 0; time < 5; time++) {
            assertThat(post(Posts.of(Posts.firing("aa", namespace))).statusCode())
                    .isEqualTo(200);
        }
        assertThat(read("churn").getMetadata().getResourceVersion()).isEqualTo(written);
    }

    /** The reconciler writes all but the alerts, this writes the alerts, and neither takes the other's away. */
    @Test
    void whoReconcilesAndWhoTakesAlertsKeepOutOfEachOthersWay() throws Exception {
        post(Posts.of(Posts.firing("aa", namespace)));
        var reconciler = new StatusWriter(api.client());
        var observed = read("churn");
        var decided = new DriftPolicyStatus(
                1L,
                DriftPolicyStatus.Phase.Breached,
                null,
                null,
                null,
                1,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
        assertThat(reconciler.write(observed, decided)).isEqualTo(StatusWriter.Outcome.Written);
        assertThat(status().alerts()).hasSize(1);

        post(Posts.of(Posts.firing("bb", namespace), Posts.resolved("aa", namespace)));
        assertThat(status().phase()).isEqualTo(DriftPolicyStatus.Phase.Breached);
        assertThat(status().breaches()).isEqualTo(1);
        assertThat(status().alertsCount()).isEqualTo(1);

        var later = read("churn");
        later.setStatus(later.getStatus().withoutAlerts());
        assertThat(reconciler.write(later, decided)).isEqualTo(StatusWriter.Outcome.Unchanged);
        assertThat(read("churn").getMetadata().getManagedFields())
                .extracting(ManagedFieldsEntry::getManager)
                .contains("tatara-alerts", "tatara-operator");
    }

    @Test
    void onlyWhoBearsTheTokenIsHeard() throws Exception {
        var body = Posts.of(Posts.firing("aa", namespace));

        var unnamed = send(request().POST(BodyPublishers.ofString(body)));
        assertThat(unnamed.statusCode()).isEqualTo(401);
        assertThat(unnamed.headers().firstValue("WWW-Authenticate")).contains("Bearer");
        assertThat(send(request().header("Authorization", "Bearer wrong").POST(BodyPublishers.ofString(body)))
                        .statusCode())
                .isEqualTo(403);
        assertThat(read("churn").getStatus()).isNull();
        assertThat(send(request().header("Authorization", "Bearer right").GET()).statusCode())
                .isEqualTo(405);

        Files.delete(folder.resolve("token"));
        assertThat(post(body).statusCode()).as("the Secret isn't there yet").isEqualTo(503);
        assertThat(read("churn").getStatus()).isNull();
        assertThat(registry.get("tatara.alert.posts")
                        .tag("code", "403")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void whatIsNoPostIsRefused() throws Exception {
        assertThat(post("{").statusCode()).isEqualTo(400);
        var answer = post("{\"version\":\"5\"}");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("expected version 4");

        assertThat(post(BodyPublishers.ofInputStream(() -> Posts.storm(100, namespace, 100_000)))
                        .statusCode())
                .as("larger than it may be")
                .isEqualTo(413);
        assertThat(post(BodyPublishers.ofInputStream(() -> Posts.storm(20_001, namespace, 0)))
                        .statusCode())
                .as("more alerts than there may be")
                .isEqualTo(413);
        assertThat(read("churn").getStatus()).isNull();
    }

    @Test
    void aStormInOnePostAndInMany() throws Exception {
        var answer = post(BodyPublishers.ofInputStream(() -> Posts.storm(10_000, namespace, 100)));
        assertThat(answer.body()).isEqualTo("{\"received\":10000,\"matched\":10000}");
        assertThat(status().alerts()).hasSize(50);
        assertThat(status().alertsCount()).isEqualTo(10_000);

        var posts = IntStream.range(0, 100)
                .mapToObj(post -> Posts.of(IntStream.range(post * 100, post * 100 + 100)
                        .mapToObj(number -> Posts.resolved(Posts.fingerprint(number), namespace))
                        .toArray(String[]::new)))
                .map(body -> (Callable<Integer>) () -> post(body).statusCode())
                .toList();
        try (var clients = Executors.newFixedThreadPool(16)) {
            for (var status : clients.invokeAll(posts)) {
                assertThat(status.get()).isEqualTo(200);
            }
        }
        assertThat(status().alertsCount()).isZero();
        assertThat(status().alerts()).hasSize(50).noneMatch(Alert::fires);
    }

    @Test
    void replicasThatWriteAtTheSameTimeLoseNothing() throws Exception {
        var ports = List.of(port, serve(api.client()), serve(api.client()));
        var posts = IntStream.range(0, 45)
                .mapToObj(number -> (Callable<Integer>) () -> send(request(ports.get(number % 3), "right")
                                .POST(BodyPublishers.ofString(
                                        Posts.of(Posts.firing(Posts.fingerprint(number), namespace)))))
                        .statusCode())
                .toList();
        try (var clients = Executors.newFixedThreadPool(15)) {
            for (var status : clients.invokeAll(posts)) {
                assertThat(status.get()).isEqualTo(200);
            }
        }
        assertThat(status().alerts())
                .extracting(Alert::fingerprint)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 45).mapToObj(Posts::fingerprint).toList());
        assertThat(status().alertsCount()).isEqualTo(45);
    }

    @Test
    void whatCouldNotBeKeptIsToBePostedAgain() throws Exception {
        try (var mortal = MortalClient.dyingAfter(api, 0)) {
            var other = serve(mortal.client());
            var body = BodyPublishers.ofString(Posts.of(Posts.firing("aa", namespace)));
            assertThat(send(request(other, "right").POST(body)).statusCode()).isGreaterThanOrEqualTo(500);
        }
        assertThat(read("churn").getStatus()).isNull();

        assertThat(post(Posts.of(Posts.firing("aa", namespace))).statusCode()).isEqualTo(200);
        assertThat(status().alertsCount()).isEqualTo(1);
    }

    /** Who hangs up in the middle of a post, or never ends it, holds nobody up. */
    @Test
    void halfAPostIsNone() throws Exception {
        var head = "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer right\r\nContent-Length: 100000\r\n\r\n"
                .formatted(AlertServer.PATH);
        for (var time = 0; time < 20; time++) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.getOutputStream()
                        .write((head + "{\"alerts\":[" + Posts.firing("aa", namespace))
                                .getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().flush();
            }
        }
        await().atMost(LIMIT)
                .until(() -> post(Posts.of(Posts.firing("bb", namespace))).statusCode() == 200);
        assertThat(status().alerts()).extracting(Alert::fingerprint).containsExactly("bb");
    }

    @Test
    void aPolicyThatIsGoneIsNoReasonToPostAgain() throws Exception {
        var store = new AlertStore(api.client(), Clock.systemUTC());
        var watch = store.watches(namespace).getFirst();
        api.client().resource(read("churn")).delete();

        store.keep(watch, List.of(new AlertNews("aa", true, Posts.START, null, Map.of())));
        assertThat(read("churn")).isNull();
    }

    private int serve(KubernetesClient client) {
        var server = new AlertServer(
                vertx,
                new AlertInbox(new AlertStore(client, Clock.systemUTC()), Set.of(), 20_000),
                new BearerToken(folder.resolve("token")),
                new AlertMeters(registry),
                MAX_BYTES);
        servers.add(server);
        return server.start(0);
    }

    private HttpResponse<String> post(String body) throws Exception {
        return post(BodyPublishers.ofString(body));
    }

    private HttpResponse<String> post(BodyPublisher body) throws Exception {
        return send(request(port, "right").POST(body));
    }

    private HttpRequest.Builder request() {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + AlertServer.PATH));
    }

    private static HttpRequest.Builder request(int port, String token) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + AlertServer.PATH))
                .header("Authorization", "Bearer " + token);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(
                request.version(HttpClient.Version.HTTP_1_1).timeout(LIMIT).build(), BodyHandlers.ofString());
    }

    private void policy(String name, String service) {
        api.client().resource("""
                        apiVersion: mlops.tatara.dev/v1alpha1
                        kind: DriftPolicy
                        metadata: {name: %s, namespace: %s}
                        spec:
                          target: {inferenceService: %s}
                          alerts: {matchLabels: {alertname: HighModelDrift, service: %s}}
                        """.formatted(name, namespace, service, service)).create();
    }

    private DriftPolicy read(String name) {
        return api.client()
                .resources(DriftPolicy.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    private DriftPolicyStatus status() {
        return read("churn").getStatus();
    }
}
