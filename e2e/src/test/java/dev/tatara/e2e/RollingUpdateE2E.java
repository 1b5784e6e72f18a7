package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.FinalObjects;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.load.ConstantLoad;
import dev.tatara.e2e.load.LoadReport;
import dev.tatara.e2e.load.ModelEndpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * From one version to the next under constant load: nobody notices, and an operator that dies on the way leaves the
 * same objects behind.
 */
@OnCluster
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ResourceLock("operator")
@ResourceLock("load")
class RollingUpdateE2E {
    private static final int REQUESTS_PER_SECOND = 120;
    private static final Duration GRACE_AFTER_KILL = Duration.ofSeconds(30);

    private final Cluster cluster;
    private final TestNamespace namespace;
    private final String uri2;
    private final String uri3;

    private Duration undisturbed = Cluster.LIMIT;
    private List<String> undisturbedObjects = List.of();

    RollingUpdateE2E(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
        this.uri2 = namespace.upload("times-2");
        this.uri3 = namespace.upload("times-3");
    }

    @Test
    @Order(1)
    void noRequestFails() {
        serveFirst("calm");
        undisturbed = update("calm", () -> {});
        undisturbedObjects = FinalObjects.of(cluster, namespace, "calm");
    }

    @Test
    @Order(2)
    void killedOperatorChangesNothing() {
        killMidWay("killed");
    }

    @Tag("long")
    @RepeatedTest(20)
    @Order(3)
    void killedOperatorChangesNothingEver(RepetitionInfo repetition) {
        killMidWay("killed-again-" + repetition.getCurrentRepetition());
    }

    @AfterAll
    void restore() {
        await("operator").atMost(Cluster.LIMIT).until(() -> cluster.operator().isReady());
    }

    private void killMidWay(String model) {
        serveFirst(model);
        var took = update(model, () -> {
            await("rollout of " + model + " has begun")
                    .atMost(Cluster.LIMIT)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> namespace.inferenceService(model).status("candidate") != null);
            cluster.operator().kill();
        });
        assertThat(FinalObjects.of(cluster, namespace, model)).isEqualTo(undisturbedObjects);
        assertThat(took).isLessThan(undisturbed.plus(GRACE_AFTER_KILL));
        remove(model);
    }

    /** Makes room for the next. */
    private void remove(String model) {
        namespace.delete("InferenceService", model);
        namespace.delete("ModelVersion", model + "-2");
        namespace.delete("ModelVersion", model + "-3");
        await("pods of " + model + " to go").atMost(Cluster.LIMIT).until(() -> namespace
                .pods(Map.of("mlops.tatara.dev/inferenceservice", model))
                .isEmpty());
    }

    private void serveFirst(String model) {
        namespace.apply(version(model, 2, uri2) + "---\n" + Manifests.pinned(model, model + "-2", 2));
        namespace.awaitServing(model, model + "-2");
    }

    /** Updates under load and returns how long it took until the new version alone was serving. */
    private Duration update(String model, Runnable midWay) {
        namespace.apply(version(model, 3, uri3));
        namespace.awaitModelVersion(model + "-3", object -> object.hasCondition("Ready", "True"));
        LoadReport report;
        Duration took;
        try (var load = ConstantLoad.on(new ModelEndpoint(namespace.address(model), model), REQUESTS_PER_SECOND)) {
            load.awaitMore(2, REQUESTS_PER_SECOND);
            var started = Instant.now();
            namespace.apply(Manifests.pinned(model, model + "-3", 2));
            midWay.run();
            namespace.awaitServing(model, model + "-3");
            took = Duration.between(started, Instant.now());
            onlyNewPodsAreLeft(model);
            load.awaitMore(3, REQUESTS_PER_SECOND);
            report = load.stop();
        }
        report.assertUnfailing("rolling update of " + model);
        System.out.printf("rolling update of %s: took %s%n", model, took);
        assertThat(report.rate()).isGreaterThanOrEqualTo(100);
        assertThat(report.answers()).containsOnlyKeys(2, 3);
        return took;
    }

    /** Terminating pods too have to be gone, or the load would miss their end. */
    private void onlyNewPodsAreLeft(String model) {
        var revision = String.valueOf(namespace.inferenceService(model).status("stable", "revision"));
        await("pods of " + model).atMost(Cluster.LIMIT).untilAsserted(() -> assertThat(
                        namespace.pods(Map.of("mlops.tatara.dev/inferenceservice", model)))
                .hasSize(2)
                .allSatisfy(pod -> assertThat(pod.getMetadata().getLabels())
                        .containsEntry("mlops.tatara.dev/revision", revision)));
    }

    private static String version(String model, int version, String uri) {
        return Manifests.modelVersion(model + "-" + version, model, String.valueOf(version), uri, "None");
    }
}
