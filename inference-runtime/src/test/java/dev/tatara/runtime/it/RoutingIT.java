package dev.tatara.runtime.it;

import static dev.tatara.runtime.it.RoutedPods.CANDIDATE;
import static dev.tatara.runtime.it.RoutedPods.STABLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.statistics.LatencyHistogram;
import dev.tatara.statistics.Pane.Column;
import dev.tatara.traffic.StatisticsJson;
import dev.tatara.traffic.TrafficStatistics;
import dev.tatara.traffic.TrafficTable;
import dev.tatara.traffic.TrafficTable.HeaderMatch;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Requests over REST go where the table says, one by one, whatever connection they come by. {@link RoutedCallsIT} is about gRPC. */
class RoutingIT {
    private static final String ROW = "[5.1,3.5,1.4,0.2]";
    private static final String INFER = "{\"id\":\"7\",\"inputs\":[{\"name\":\"X\",\"shape\":[1,4],"
            + "\"datatype\":\"FP32\",\"data\":" + ROW + "}]}";
    /** Of a normal distribution, both sides together 99.9 %. */
    private static final double Z = 3.2905;

    private static final String FORWARDED =
            "tatara_router_forwards_total{outcome=\"answered\",revision=\"" + CANDIDATE + "\"}";

    private static RoutedPods pods;

    @BeforeAll
    static void start() throws Exception {
        pods = new RoutedPods().start(STABLE, CANDIDATE);
    }

    @AfterAll
    static void stop() throws Exception {
        pods.close();
    }

    private static Map<String, Integer> ask(ServerProcess pod, int requests, String... headers) throws Exception {
        Map<String, Integer> answers = new HashMap<>();
        for (int i = 0; i < requests; i++) {
            HttpResponse<String> answer = pod.post("/predict", ROW, with(headers));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            String revision = answer.headers().firstValue("tatara-revision").orElse("none");
            assertThat(answer.body())
                    .contains("\"prediction\":0")
                    .contains("\"model_version\":\"" + (revision.equals(CANDIDATE) ? "2" : "1") + "\"");
            answers.merge(revision, 1, Integer::sum);
        }
        return answers;
    }

    private static String[] with(String... headers) {
        List<String> all = new ArrayList<>(List.of("Content-Type", "application/json"));
        all.addAll(List.of(headers));
        return all.toArray(String[]::new);
    }

    @Test
    void aKeptConnectionObeysTheTableRequestByRequest() throws Exception {
        ServerProcess pod = pods.first(STABLE);
        pods.route(pods.entry(STABLE, 100));
        assertThat(ask(pod, 5)).as("nobody else is in the table").containsExactly(Map.entry("none", 5));

        pods.route(pods.entry(CANDIDATE, 30), pods.entry(STABLE, 70));
        int requests = 1_000;
        Map<String, Integer> split = ask(pod, requests);
        assertThat((double) split.get(CANDIDATE))
                .isCloseTo(requests * 0.3, Offset.offset(Z * Math.sqrt(requests * 0.3 * 0.7)));
        assertThat(split.get(CANDIDATE) + split.get(STABLE)).isEqualTo(requests);

        pods.route(pods.entry(CANDIDATE, 100), pods.entry(STABLE, 0));
        assertThat(ask(pod, 50)).containsExactly(Map.entry(CANDIDATE, 50));

        pods.route(pods.closed(CANDIDATE), pods.entry(STABLE, 100));
        assertThat(ask(pod, 50)).containsExactly(Map.entry(STABLE, 50));

        // The candidate's own port, of a client that still has a connection there.
        assertThat(ask(pods.first(CANDIDATE), 50)).containsExactly(Map.entry(STABLE, 50));
    }

    @Test
    void whereAGatewayDividesEachPodAnswersAndSaysByWhichRoute() throws Exception {
        pods.push(pods.table(List.of(pods.entry(CANDIDATE, 100), pods.entry(STABLE, 0)))
                .whereDividedBefore());
        long before = counted(STABLE).requests();
        assertThat(ask(pods.first(STABLE), 20)).containsExactly(Map.entry(STABLE, 20));
        assertThat(ask(pods.first(CANDIDATE), 20)).containsExactly(Map.entry(CANDIDATE, 20));
        assertThat(counted(STABLE).requests() - before).isEqualTo(20);

        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> probed = client.send(
                    HttpRequest.newBuilder(pods.first(CANDIDATE).uri("/v2/health/ready"))
                            .header("tatara-route", "5f")
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(probed.headers().firstValue("tatara-route")).hasValue("5f");
            assertThat(probed.headers().firstValue("tatara-revision")).hasValue(CANDIDATE);
        }
    }

    @Test
    void whatWasCountedAddsUp() throws Exception {
        pods.route(pods.entry(CANDIDATE, 50), pods.entry(STABLE, 50));
        TrafficStatistics.Figures[] before = {counted(STABLE), counted(CANDIDATE)};
        double forwarded = pods.first(STABLE).metric(FORWARDED);
        double answered = answered(pods.first(STABLE));
        Map<String, Integer> split = ask(pods.first(STABLE), 300);
        int position = 0;
        for (String revision : List.of(STABLE, CANDIDATE)) {
            TrafficStatistics.Figures now = counted(revision);
            TrafficStatistics.Figures then = before[position++];
            assertThat(now.requests() - then.requests())
                    .isEqualTo(split.get(revision).longValue());
            assertThat(now.latency().count() - then.latency().count())
                    .isEqualTo(split.get(revision).longValue());
            assertThat(now.failed() + now.unreachable()).isEqualTo(then.failed() + then.unreachable());
        }
        // Only who answers counts a request.
        assertThat(pods.first(STABLE).metric(FORWARDED) - forwarded)
                .isEqualTo(split.get(CANDIDATE).doubleValue());
        assertThat(answered(pods.first(STABLE)) - answered)
                .isEqualTo(split.get(STABLE).doubleValue());
    }

    private static double answered(ServerProcess pod) throws Exception {
        return BatchingIT.value(
                pod.admin("/metrics").body(),
                "prediction_requests_total\\{[^}]*code=\"200\"[^}]*protocol=\"predict\"[^}]*");
    }

    /** All that a pod of the revision has counted of it. */
    private static TrafficStatistics.Figures counted(String revision) throws Exception {
        TrafficStatistics told = StatisticsJson.read(pods.first(revision)
                .admin("/admin/traffic/statistics?predictions=9999999999999")
                .body()
                .getBytes(StandardCharsets.UTF_8));
        assertThat(told.bucketSeconds()).isEqualTo(1);
        long requests = 0;
        long failed = 0;
        long refused = 0;
        long unreachable = 0;
        LatencyHistogram latency = new LatencyHistogram();
        for (TrafficStatistics.Bucket bucket : told.buckets()) {
            TrafficStatistics.Figures figures = bucket.revisions().get(revision);
            if (figures != null) {
                requests += figures.requests();
                failed += figures.failed();
                refused += figures.refused();
                unreachable += figures.unreachable();
                latency.merge(figures.latency());
                assertThat(figures.predictions()).isEmpty();
            }
        }
        return new TrafficStatistics.Figures(requests, failed, refused, unreachable, latency, List.of());
    }

    /** A candidate that takes other inputs than stable answers 400 for what its clients did right. */
    @Test
    void whatIsRefusedForItsInputsIsCountedByWhoRefusesIt() throws Exception {
        pods.route(pods.entry(CANDIDATE, 100), pods.entry(STABLE, 0));
        TrafficStatistics.Figures before = counted(CANDIDATE);
        for (String inputs : List.of("[1,2]", "{\"nobody\":1}", "[1,2,3,4]")) {
            pods.first(STABLE).post("/predict", inputs, with());
        }
        TrafficStatistics.Figures now = counted(CANDIDATE);
        assertThat(now.requests() - before.requests()).isEqualTo(3);
        assertThat(now.refused() - before.refused()).isEqualTo(2);
        assertThat(now.failed()).isEqualTo(before.failed());
    }

    @Test
    void sketchesOfAnswersAreToldByBucket() throws Exception {
        pods.route(pods.entry(CANDIDATE, 100), pods.entry(STABLE, 0));
        ask(pods.first(STABLE), 20);
        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            TrafficStatistics told = StatisticsJson.read(pods.first(CANDIDATE)
                    .admin("/admin/traffic/statistics")
                    .body()
                    .getBytes(StandardCharsets.UTF_8));
            assertThat(told.buckets().stream()
                            .map(bucket -> bucket.revisions().get(CANDIDATE))
                            .filter(Objects::nonNull)
                            .flatMap(figures -> figures.predictions().stream())
                            .map(Column::name))
                    .isNotEmpty();
        });
    }

    @Test
    void headersAndKeysDecide() throws Exception {
        ServerProcess pod = pods.first(STABLE);
        pods.push(pods.table(
                List.of(pods.entry(CANDIDATE, 50), pods.entry(STABLE, 50)),
                List.of(new HeaderMatch("x-canary", "true", CANDIDATE)),
                "x-user-id",
                null));
        assertThat(ask(pod, 20, "X-Canary", "true")).containsExactly(Map.entry(CANDIDATE, 20));
        for (String user : List.of("ann", "ben", "eve")) {
            assertThat(ask(pod, 20, "x-user-id", user)).hasSize(1);
        }
        // What only pods say to each other isn't taken from clients.
        pods.route(pods.entry(CANDIDATE, 100), pods.entry(STABLE, 0));
        assertThat(ask(pod, 5, "tatara-revision", STABLE, "tatara-generation", "1"))
                .containsExactly(Map.entry(CANDIDATE, 5));
    }

    @Test
    void whatComesBackIsWhatWasAnswered() throws Exception {
        ServerProcess pod = pods.first(STABLE);
        pods.route(pods.entry(CANDIDATE, 100), pods.entry(STABLE, 0));
        HttpResponse<String> answer = pod.post("/v2/models/iris/infer", INFER, with("X-Request-Id", "r-1"));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("\"id\":\"7\"", "\"model_version\":\"2\"");
        assertThat(answer.headers().allValues("content-type")).containsExactly("application/json");
        // Errors are the candidate's own.
        HttpResponse<String> bad = pod.post("/v2/models/iris/infer", "{\"inputs\":1}", with());
        assertThat(bad.statusCode()).isEqualTo(400);
        assertThat(bad.headers().firstValue("tatara-revision")).contains(CANDIDATE);
        // Everything else is answered by who was asked.
        assertThat(pod.get("/model/info").body()).contains("\"version\":\"1\"");
    }

    @Test
    void aVersionThatOnlyOneHasIsAnsweredWhereItIs() throws Exception {
        ServerProcess pod = pods.first(STABLE);
        pods.route(pods.entry(CANDIDATE, 50), pods.entry(STABLE, 50));
        for (int i = 0; i < 20; i++) {
            assertThat(pod.post("/v2/models/iris/versions/1/infer", INFER).body())
                    .contains("\"model_version\":\"1\"");
        }
        pods.route(pods.entry(CANDIDATE, 100), pods.entry(STABLE, 0));
        assertThat(pod.post("/v2/models/iris/versions/2/infer", INFER).body()).contains("\"model_version\":\"2\"");
        assertThat(pod.post("/v2/models/iris/versions/1/infer", INFER).statusCode())
                .isEqualTo(404);
    }

    @Test
    void whoHasAnOlderTableIsTurnedBack() throws Exception {
        pods.route(pods.entry(CANDIDATE, 100), pods.entry(STABLE, 0));
        ServerProcess pod = pods.first(STABLE);
        assertThat(ask(pod, 5)).containsExactly(Map.entry(CANDIDATE, 5));
        // As in a rollback: the candidate is closed first.
        TrafficTable back = pods.table(List.of(pods.closed(CANDIDATE), pods.entry(STABLE, 100)));
        assertThat(pods.put(pods.first(CANDIDATE), pods.sign(back).toJson()).statusCode())
                .isEqualTo(200);
        String refused = "tatara_router_forwards_total{outcome=\"closed\",revision=\"" + CANDIDATE + "\"}";
        double before = pod.metric(refused);
        assertThat(ask(pod, 20)).containsExactly(Map.entry(STABLE, 20));
        assertThat(pod.metric(refused)).isEqualTo(before + 20);
    }

    @Test
    void thePeerPortAnswersForItsRevisionOnly() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            pods.route(pods.entry(CANDIDATE, 100), pods.entry(STABLE, 0));
            int port = pods.first(STABLE).peerPort();
            assertThat(peer(client, port).statusCode()).as("never forwarded").isEqualTo(200);
            assertThat(peer(client, port).headers().firstValue("tatara-revision"))
                    .contains(STABLE);
            assertThat(peer(client, port, "tatara-revision", STABLE).statusCode())
                    .isEqualTo(200);
            assertThat(peer(client, port, "tatara-revision", CANDIDATE).statusCode())
                    .isEqualTo(421);
        }
    }

    private static HttpResponse<String> peer(HttpClient client, int port, String... headers) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/predict"))
                        .POST(HttpRequest.BodyPublishers.ofString(ROW))
                        .headers(with(headers))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
