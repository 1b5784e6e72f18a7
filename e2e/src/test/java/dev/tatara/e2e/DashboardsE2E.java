package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.drift.Watched;
import dev.tatara.e2e.monitoring.Dashboards;
import dev.tatara.e2e.monitoring.Prometheus;
import dev.tatara.e2e.training.ChurnData;
import dev.tatara.e2e.training.ServedClassifier;
import dev.tatara.e2e.training.Trainings;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each expression of each dashboard gives series, asked of a real Prometheus that scrapes the operator and serving pods
 * as the documentation has it, once there is something of everything: a view with a check that fails, a training, a
 * service that looks features up, labels, a policy with a breach, and somebody who posts without a token.
 */
@OnCluster
class DashboardsE2E {
    private static final Duration LIMIT = Duration.ofMinutes(6);
    private static final long STRANGER = 1_000_000;
    private static final List<Long> USERS = LongStream.concat(LongStream.rangeClosed(1, 20), LongStream.of(STRANGER))
            .boxed()
            .toList();

    private final Cluster cluster;
    private final TestNamespace namespace;

    private Prometheus prometheus;

    DashboardsE2E(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
    }

    @AfterAll
    void stop() {
        if (prometheus != null) {
            prometheus.close();
        }
    }

    @Test
    void everyPanelShowsSomething(@TempDir Path folder) throws Exception {
        var trainings = new Trainings(cluster, namespace);
        trainings.upload(new ChurnData(300, 5));
        namespace.apply(trainings.view("user-activity")
                + "  checks: [{type: Range, column: x0, min: 100, max: 101, onFailure: Log}]\n");
        namespace.apply(trainings.churn("churn", 0.5, "register: {stage: Production}"));
        trainings.awaitRun("churn", 1, "Registered");
        namespace.apply("""
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: InferenceService
            metadata: {name: churn}
            spec:
              model: {follow: {model: churn, stage: Production}}
              replicas: 1
              features: {featureViews: [{name: user-activity}], timeout: 10s, onMissing: "Null"}
              monitoring: {pane: 5s, ledger: true}
              resources: {requests: {cpu: 50m, memory: 192Mi}, limits: {memory: 512Mi}}
              rollout: {strategy: RollingUpdate, scaleDownDelay: 5s}
            ---
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: DriftPolicy
            metadata: {name: churn}
            spec:
              target: {inferenceService: churn}
              window: {length: 10m, every: 10s, minSamples: 20}
              data: {share: 1}
              prediction: {test: PSI, distance: 10}
              performance: [{metric: accuracy, max: 0.9, minSamples: 20}]
              consecutiveBreaches: 1
              actions: [{name: retrain, when: [Performance], then: Retrain, approval: Manual}]
            """);
        namespace.awaitServing("churn", "churn-1");
        prometheus = Prometheus.watching(
                folder,
                cluster.operator().metricsAddress(),
                namespace.pods(Map.of("mlops.tatara.dev/inferenceservice", "churn")));
        var service = new ServedClassifier(namespace.address("churn"), "churn");
        // Nobody is so often right: the policy breaches.
        for (var asked = 0; asked < 5; asked++) {
            service.confirm("asked-" + asked, ChurnData.JOIN_KEY, USERS);
        }
        assertThat(postWithoutToken()).isEqualTo(401);

        await("a breach").atMost(LIMIT).untilAsserted(() -> {
            service.labelsOf(ChurnData.JOIN_KEY, USERS);
            assertThat(Watched.trigger(namespace.driftPolicy("churn"), "retrain"))
                    .as("%s", namespace.driftPolicy("churn").status())
                    .containsEntry("state", "AwaitingApproval");
        });
        var queries = Dashboards.queries(namespace.name());
        assertThat(queries).hasSizeGreaterThan(40);
        await("series").atMost(Cluster.LIMIT).untilAsserted(() -> {
            service.labelsOf(ChurnData.JOIN_KEY, USERS);
            assertThat(queries)
                    .filteredOn(query -> prometheus.query(query.expression()).isEmpty())
                    .as("expressions without series")
                    .isEmpty();
        });
    }

    private int postWithoutToken() throws IOException, InterruptedException {
        try (var http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            var post = HttpRequest.newBuilder(cluster.operator().alertAddress())
                    .POST(BodyPublishers.ofString("{}"))
                    .build();
            return http.send(post, BodyHandlers.discarding()).statusCode();
        }
    }
}
