package dev.tatara.runtime.it;

import static dev.tatara.runtime.it.RoutedPods.CANDIDATE;
import static dev.tatara.runtime.it.RoutedPods.STABLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.traffic.SignedTable;
import dev.tatara.traffic.SigningKeys;
import dev.tatara.traffic.TrafficTable;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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

/** Pods that die or don't know enough, and tables that aren't meant for them. */
class RoutingTroubleIT {
    private static final String ROW = "[5.1,3.5,1.4,0.2]";

    @Test
    void aPodThatIsKilledFailsNoRequest() throws Exception {
        try (RoutedPods pods = new RoutedPods().start(STABLE, CANDIDATE, CANDIDATE)) {
            pods.route(pods.entry(CANDIDATE, 80), pods.entry(STABLE, 20));
            ServerProcess pod = pods.first(STABLE);
            AtomicBoolean over = new AtomicBoolean();
            AtomicInteger answered = new AtomicInteger();
            int callers = 4;
            try (ExecutorService threads = Executors.newFixedThreadPool(callers)) {
                List<Future<?>> running = new ArrayList<>();
                for (int i = 0; i < callers; i++) {
                    running.add(threads.submit(() -> {
                        try (HttpClient client = HttpClient.newBuilder()
                                .version(HttpClient.Version.HTTP_1_1)
                                .build()) {
                            while (!over.get()) {
                                HttpResponse<String> answer = client.send(
                                        HttpRequest.newBuilder(pod.uri("/predict"))
                                                .POST(HttpRequest.BodyPublishers.ofString(ROW))
                                                .build(),
                                        HttpResponse.BodyHandlers.ofString());
                                assertThat(answer.statusCode())
                                        .as(answer.body())
                                        .isEqualTo(200);
                                answered.incrementAndGet();
                            }
                        }
                        return null;
                    }));
                }
                Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> answered.get() > 500);
                pods.last(CANDIDATE).kill();
                int before = answered.get();
                Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> answered.get() > before + 500);
                pods.first(CANDIDATE).kill();
                int then = answered.get();
                Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> answered.get() > then + 500);
                over.set(true);
                for (Future<?> caller : running) {
                    caller.get();
                }
            }
            assertThat(pod.metric("tatara_router_stood_in_total{revision=\"" + CANDIDATE + "\"}"))
                    .isPositive();
        }
    }

    @Test
    void nobodyToAnswerIs503() throws Exception {
        try (RoutedPods pods = new RoutedPods().start(STABLE, CANDIDATE)) {
            pods.route(pods.entry(CANDIDATE, 100), pods.entry(STABLE, 0));
            pods.first(CANDIDATE).kill();
            pods.first(CANDIDATE).awaitExit();
            HttpResponse<String> answer = pods.first(STABLE).post("/predict", ROW);
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("no pod of revision " + CANDIDATE + " can be reached");
            assertThat(answer.headers().firstValue("Retry-After")).contains("1");
        }
    }

    @Test
    void aPodIsReadyOnceItHasATable() throws Exception {
        try (RoutedPods pods = new RoutedPods()) {
            pods.removeFile();
            ServerProcess pod = pods.launch(STABLE, Map.of());
            pod.awaitListening();
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> pod.isUp("/health/started"));
            assertThat(pod.isUp("/health/ready")).isFalse();
            assertThat(pod.admin("/health/ready").body()).contains("the traffic table is not loaded");
            pods.write(pods.table(List.of(pods.entry(STABLE, 100))));
            pod.awaitReady();
        }
    }

    @Test
    void aBodyAtTheLimitIsForwarded() throws Exception {
        Map<String, String> small = Map.of(
                "TATARA_RUNTIME_LIMITS_MAX_BODY_BYTES",
                "1000000",
                "TATARA_RUNTIME_LIMITS_MAX_BUFFERED_BYTES",
                "4000000");
        try (RoutedPods pods = new RoutedPods()) {
            pods.launch(STABLE, small);
            pods.launch(CANDIDATE, small);
            pods.start();
            pods.route(pods.entry(CANDIDATE, 100), pods.entry(STABLE, 0));
            String body = ROW + " ".repeat(1_000_000 - ROW.length());
            HttpResponse<String> answer = pods.first(STABLE).post("/predict", body);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.headers().firstValue("tatara-revision")).contains(CANDIDATE);
            assertThat(pods.first(STABLE).post("/predict", body + " ").statusCode())
                    .isEqualTo(413);
        }
    }

    @Test
    void tablesAreTakenFromTheirSignerOnlyAndForwards() throws Exception {
        try (RoutedPods pods = new RoutedPods().start(STABLE)) {
            ServerProcess pod = pods.first(STABLE);
            TrafficTable older = pods.table(List.of(pods.entry(STABLE, 100)));
            TrafficTable table = pods.table(List.of(pods.entry(CANDIDATE, 0), pods.entry(STABLE, 100)));
            String own =
                    "{\"service\":\"" + RoutedPods.SERVICE + "\",\"generation\":3,\"revision\":\"" + STABLE + "\"}";
            for (int i = 0; i < 2; i++) {
                HttpResponse<String> answer = pods.put(pod, pods.sign(table).toJson());
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.body()).isEqualTo(own);
            }
            assertThat(pod.admin("/admin/traffic").body())
                    .isEqualTo(new String(pods.sign(table).tableJson(), StandardCharsets.UTF_8));
            HttpResponse<String> stale = pods.put(pod, pods.sign(older).toJson());
            assertThat(stale.statusCode()).isEqualTo(409);
            assertThat(stale.body()).isEqualTo(own);
            TrafficTable other =
                    new TrafficTable(1, RoutedPods.SERVICE, 3, "pepper", table.entries(), List.of(), null, null, 1);
            assertThat(pods.put(pod, pods.sign(other).toJson()).statusCode()).isEqualTo(409);
            TrafficTable foreign = new TrafficTable(1, "another", 9, "salt", table.entries(), List.of(), null, null, 1);
            assertThat(pods.put(pod, pods.sign(foreign).toJson()).statusCode()).isEqualTo(403);
            TrafficTable next = pods.table(List.of(pods.entry(STABLE, 100)));
            SignedTable forged = SignedTable.sign(next, SigningKeys.generate().getPrivate());
            assertThat(pods.put(pod, forged.toJson()).statusCode()).isEqualTo(403);
            assertThat(pods.put(pod, "{}".getBytes(StandardCharsets.UTF_8)).statusCode())
                    .isEqualTo(400);
            assertThat(pods.put(pod, new byte[SignedTable.MOST_BYTES + 2]).statusCode())
                    .isEqualTo(400);
            assertThat(pod.metric("tatara_router_table_generation")).isEqualTo(3);
            // The file comes later, and is as good.
            pods.write(next);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> pod.metric("tatara_router_table_generation") == 4);
        }
    }
}
