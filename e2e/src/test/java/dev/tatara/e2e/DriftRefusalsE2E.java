package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.CustomObject;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.drift.Traffic;
import dev.tatara.e2e.drift.Watched;
import dev.tatara.e2e.drift.World;
import dev.tatara.e2e.training.Trainings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** What the loop doesn't do, though all features have drifted for everybody to see. */
@OnCluster
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DriftRefusalsE2E {
    private static final String RETRAIN =
            "actions: [{name: retrain, when: [DataDrift], then: Retrain, approval: Automatic}]";
    private static final Duration COOLDOWN = Duration.ofSeconds(20);

    private final TestNamespace namespace;
    private final Watched watched;
    private final Trainings trainings;

    private Traffic traffic;

    DriftRefusalsE2E(Cluster cluster, TestNamespace namespace) {
        this.namespace = namespace;
        this.watched = new Watched(cluster, namespace);
        this.trainings = new Trainings(cluster, namespace);
    }

    @AfterAll
    void stop() {
        if (traffic != null) {
            traffic.close();
        }
    }

    @Test
    @Order(1)
    void tooFewSamplesTriggerNothing() {
        watched.serve("few, strict");
        traffic = Traffic.on(namespace.address(Watched.NAME), Watched.NAME, World.after(31));
        namespace.apply(Watched.policy("few", "10s", 1_000_000, RETRAIN));

        var policy = watched.awaitEvaluations("few", 4);
        assertThat(policy.phase()).isEqualTo("InsufficientData");
        assertThat((Integer) policy.status("lastEvaluation", "samples")).isPositive();
        assertThat(policy.status("breaches")).isEqualTo(0);
        assertThat(Watched.trigger(policy, "retrain")).isEmpty();
        namespace.delete("DriftPolicy", "few");
        assertThat(namespace.trainingJob(Watched.NAME).status("latestRun")).isEqualTo(1);
    }

    @Test
    @Order(2)
    void aWorseModelNeverGetsToProduction() {
        watched.bringUselessRows();
        namespace.apply(Watched.policy("strict", "10s", 300, "cooldown: 1h", RETRAIN));

        var job = trainings.awaitRun(Watched.NAME, 2, "GatesFailed");
        assertThat(Trainings.run(job, 2).get("trigger")).isEqualTo("DriftPolicy/strict");
        assertThat(namespace.exists("ModelVersion", "world-2")).isFalse();
        assertThat(namespace.modelVersion("world-1").status("stage")).isEqualTo("Production");
        namespace.awaitServing(Watched.NAME, "world-1");
        var policy = watched.awaitPolicy("strict", object -> assertThat(Watched.trigger(object, "retrain"))
                .as("%s", object.status())
                .containsEntry("state", "Handled")
                .containsEntry("effect", "NotHelped"));
        assertThat(action(policy)).containsEntry("taken", 1).containsEntry("ineffective", 1);
    }

    @Test
    @Order(3)
    void duringTheCooldownNothingIsTriggered() {
        var before = Watched.trigger(namespace.driftPolicy("strict"), "retrain");
        var policy = watched.awaitEvaluations("strict", 4);
        assertThat(policy.phase()).isEqualTo("Breached");
        assertThat((Integer) policy.status("breaches")).isGreaterThan(3);
        assertThat(Watched.trigger(policy, "retrain").get("id")).isEqualTo(before.get("id"));
        assertThat(action(policy)).containsEntry("taken", 1);
        assertThat(at(action(policy), "cooldownUntil")).isAfter(Instant.now());
        assertThat(namespace.trainingJob(Watched.NAME).status("latestRun")).isEqualTo(2);
        namespace.delete("DriftPolicy", "strict");
    }

    @Test
    @Order(4)
    void aPolicyWhoseRunKeepsFailingBacksOff() {
        namespace.apply(watched.training("hopeless", "no-such-rows.csv", "{policies: [stubborn]}", 0.5));
        namespace.apply(Watched.policy("stubborn", "10s", 300, "cooldown: " + COOLDOWN.toSeconds() + "s", RETRAIN));

        var policy = watched.awaitPolicy("stubborn", object -> assertThat(action(object))
                .as("%s", object.status())
                .containsEntry("taken", 2)
                .containsEntry("ineffective", 2));
        var job = namespace.trainingJob("hopeless");
        assertThat(Trainings.run(job, 1)).containsEntry("phase", "Failed");
        assertThat(Trainings.run(job, 2)).containsEntry("phase", "Failed");
        assertThat(Duration.between(at(Trainings.run(job, 1), "startedAt"), at(Trainings.run(job, 2), "startedAt")))
                .as("from one run to the next")
                .isGreaterThanOrEqualTo(COOLDOWN.multipliedBy(2));
        assertThat(Duration.between(at(Watched.trigger(policy, "retrain"), "at"), at(action(policy), "cooldownUntil")))
                .as("the cooldown doubled twice")
                .isGreaterThanOrEqualTo(COOLDOWN.multipliedBy(4));
        assertThat(namespace.modelVersion("world-1").status("stage")).isEqualTo("Production");
    }

    private static Map<String, Object> action(CustomObject policy) {
        List<Map<String, Object>> actions = policy.resource().get("status", "actions");
        return actions == null || actions.isEmpty() ? Map.of() : actions.getFirst();
    }

    private static Instant at(Map<String, Object> object, String field) {
        return Instant.parse(String.valueOf(object.get(field)));
    }
}
