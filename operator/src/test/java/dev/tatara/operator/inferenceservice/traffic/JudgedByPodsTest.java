package dev.tatara.operator.inferenceservice.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceSpec;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.operator.inferenceservice.analysis.EmbeddedJudge;
import dev.tatara.operator.inferenceservice.evaluation.StageEvaluations;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.operator.inferenceservice.rollout.Stages;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.testing.TestSettings;
import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.LatencyHistogram;
import dev.tatara.statistics.Pane.Column;
import dev.tatara.statistics.Pane.Role;
import dev.tatara.traffic.StatisticsJson;
import dev.tatara.traffic.TrafficStatistics;
import dev.tatara.traffic.TrafficStatistics.Bucket;
import dev.tatara.traffic.TrafficStatistics.Figures;
import dev.tatara.traffic.TrafficStatistics.Shadowed;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From pods' answers to results of checks; pods are played by servers that answer as pods do. */
class JudgedByPodsTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Instant SINCE = Instant.parse("2026-01-01T00:00:00Z");

    private final KubernetesClient client = new KubernetesClientBuilder().build();
    private final Map<String, HttpServer> servers = new ConcurrentHashMap<>();
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();
    private PodCalls calls;
    private EmbeddedJudge judge;

    @BeforeEach
    void start() {
        calls = new PodCalls(8, Duration.ofSeconds(5), this::authority);
        var applier = new Applier(client);
        judge = new EmbeddedJudge(
                client,
                applier,
                new StatisticsCollector(calls),
                new ServiceWakeUps(),
                new StageEvaluations(client, applier, TestSettings.ofGoldenFiles()),
                "IfNotPresent");
    }

    @AfterEach
    void stop() {
        judge.close();
        calls.close();
        servers.values().forEach(server -> server.stop(0));
        client.close();
    }

    @Test
    void aCandidateIsJudgedByWhatAllItsPodsCounted() throws IOException {
        serve("old", "old", figures(1000, 10, "yes"));
        serve("new-1", "new", figures(300, 3, "yes"));
        serve("new-2", "new", figures(200, 27, "no"));

        var results = results(List.of(pod("old", "old"), pod("new-1", "new"), pod("new-2", "new"), pod("away", "new")));

        assertThat(results).extracting(CheckResult::name).containsExactly("errors", "answers");
        assertThat(results.getFirst().verdict()).isEqualTo(Verdict.Failed);
        assertThat(results.getFirst().candidate()).isEqualTo(0.06);
        assertThat(results.getFirst().samples()).isEqualTo(500);
        assertThat(results.getLast().verdict()).isEqualTo(Verdict.Failed);
        // First without sketches, then those of the window.
        assertThat(asked).hasSize(6).allMatch(query -> query.startsWith("since="));
        assertThat(asked.peek())
                .isEqualTo("since=%d&predictions=%d"
                        .formatted(
                                SINCE.minusSeconds(300).toEpochMilli(),
                                SINCE.plusSeconds(60).toEpochMilli()));
    }

    @Test
    void whenNoPodAnswersNothingIsHeldAgainstAnybody() {
        assertThat(results(List.of(pod("away", "new"))))
                .extracting(CheckResult::verdict)
                .containsOnly(Verdict.InsufficientData);
    }

    @Test
    void labelsAreJoinedWithALedgerOrTheRolloutIsRefused() {
        var spec = new KubernetesSerialization().unmarshal("""
                model: {versionRef: {name: churn-2}}
                monitoring: {ledger: true}
                rollout:
                  strategy: Canary
                  canary: {steps: [{name: half, weight: 50}, {name: all, weight: 100}]}
                  analysis: {checks: [{name: truth, performance: {metric: accuracy, min: 0.9}}]}
                """, InferenceServiceSpec.class);
        var stage = Stages.of(spec.rollout()).getFirst();
        assertThat(judge.obstacle(spec, stage)).isEmpty();
        var without = new KubernetesSerialization()
                .unmarshal("model: {versionRef: {name: churn-2}}", InferenceServiceSpec.class);
        assertThat(judge.obstacle(without, stage))
                .hasValueSatisfying(why -> assertThat(why).contains("truth", "half", "spec.monitoring.ledger"));
    }

    private List<CheckResult> results(List<Pod> pods) {
        var service = new KubernetesSerialization().unmarshal("""
                ---
                metadata: {name: churn, namespace: ml, uid: u}
                spec:
                  model: {versionRef: {name: churn-2}}
                  rollout:
                    strategy: Canary
                    canary: {steps: [{name: half, weight: 50}, {name: all, weight: 100}]}
                    analysis:
                      minSamples: 100
                      checks:
                        - {name: errors, errorRate: {max: 0.05}}
                        - {name: answers, predictionDrift: {maxDistance: 0.1}}
                """, InferenceService.class);
        var stage = Stages.of(service.getSpec().rollout()).getFirst();
        var found = new Object() {
            Optional<List<CheckResult>> results = Optional.empty();
        };
        await().atMost(LIMIT).until(() -> {
            found.results = judge.judge(service, "old", "new", stage, SINCE, SINCE.plusSeconds(60), pods);
            return found.results.isPresent();
        });
        return found.results.orElseThrow();
    }

    private static Figures figures(int count, int failed, String answer) {
        var latency = new LatencyHistogram();
        latency.add(LatencyHistogram.bucket(5_000_000), count);
        var sketch = new CategorySketch();
        for (var i = 0; i < count; i++) {
            sketch.update(answer.getBytes(StandardCharsets.UTF_8));
        }
        return new Figures(count, failed, 0, latency, List.of(new Column(Role.Prediction, "class", sketch)));
    }

    private void serve(String name, String revision, Figures figures) throws IOException {
        var statistics = StatisticsJson.write(new TrafficStatistics(
                revision, 3, 5, List.of(new Bucket(SINCE.plusSeconds(30), Map.of(revision, figures), Shadowed.NONE))));
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/admin/traffic/statistics", exchange -> {
            asked.add(exchange.getRequestURI().getQuery());
            exchange.sendResponseHeaders(200, statistics.length);
            exchange.getResponseBody().write(statistics);
            exchange.close();
        });
        server.start();
        servers.put(name, server);
    }

    /** At port 1 nobody listens. */
    private String authority(ServingPod pod) {
        var there = servers.get(pod.name());
        return "localhost:" + (there == null ? 1 : there.getAddress().getPort());
    }

    private static Pod pod(String name, String revision) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withUid(name)
                .addToLabels(Labels.REVISION, revision)
                .endMetadata()
                .withNewSpec()
                .addNewVolume()
                .withName("traffic")
                .withNewConfigMap()
                .withName("churn-traffic")
                .endConfigMap()
                .endVolume()
                .endSpec()
                .withNewStatus()
                .withPodIP("10.0.0.1")
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .endCondition()
                .endStatus()
                .build();
    }
}
