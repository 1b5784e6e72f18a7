package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.drift.Traffic;
import dev.tatara.e2e.drift.Watched;
import dev.tatara.e2e.drift.World;
import dev.tatara.e2e.training.ServedClassifier;
import dev.tatara.e2e.training.Trainings;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The loop, and nobody touches anything: traffic shifts, panes show it, three evaluations breach, a run learns of fresh
 * rows, its model passes the gates, is registered, takes Production over and is served, and all is well again.
 */
@OnCluster
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DriftLoopE2E {
    private static final Duration PROMISED = Duration.ofMinutes(10);

    private final Cluster cluster;
    private final TestNamespace namespace;
    private final Watched watched;

    private Traffic traffic;
    private Instant shiftedAt;

    DriftLoopE2E(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
        this.watched = new Watched(cluster, namespace);
    }

    @AfterAll
    void stop() {
        if (traffic != null) {
            traffic.close();
        }
    }

    @Test
    @Order(1)
    void whatIsAsTheModelKnowsItIsHealthy() {
        watched.serve("loop");
        traffic = Traffic.on(namespace.address(Watched.NAME), Watched.NAME, World.before(11));
        namespace.apply(Watched.policy(
                "loop",
                "15s",
                300,
                "cooldown: 1h",
                "actions: [{name: retrain, when: [DataDrift], then: Retrain, approval: Automatic}]",
                "report: {html: true}"));

        var policy = watched.awaitPolicy(
                "loop",
                object -> assertThat(object.phase()).as("%s", object.status()).isEqualTo("Healthy"));
        assertThat((Integer) policy.status("lastEvaluation", "samples")).isGreaterThanOrEqualTo(300);
        assertThat(policy.status("lastEvaluation", "drifted")).isEqualTo("0/4");
        assertThat(policy.status("breaches")).isEqualTo(0);
        assertThat(Watched.trigger(policy, "retrain")).isEmpty();
        accuracyIs(0.85, 1, World.before(12));
    }

    @Test
    @Order(2)
    void aShiftIsLearntAndServed() {
        shiftedAt = Instant.now();
        watched.bringFreshRows();
        traffic.shiftTo(World.after(21));
        accuracyIs(0, 0.4, World.after(12));

        var breached = watched.awaitPolicy("loop", object -> assertThat(Watched.trigger(object, "retrain"))
                .as("%s", object.status())
                .isNotEmpty());
        assertThat(String.valueOf(breached.status("lastEvaluation", "features")))
                .as("the worst comes first")
                .contains("name=x0", "drifted=true");
        var job = new Trainings(cluster, namespace).awaitRun(Watched.NAME, 2, "Registered");
        assertThat(Trainings.run(job, 2).get("trigger")).isEqualTo("DriftPolicy/loop");
        assertThat(Trainings.run(job, 2).get("modelVersion")).isEqualTo("world-2");
        namespace.awaitServing(Watched.NAME, "world-2");

        var took = Duration.between(shiftedAt, Instant.now());
        System.out.printf("from the shift to Production: %d s%n", took.toSeconds());
        assertThat(took).isLessThan(PROMISED);
        var version = namespace.modelVersion("world-2");
        assertThat(version.status("stage")).isEqualTo("Production");
        assertThat(namespace.modelVersion("world-1").status("stage")).isEqualTo("Archived");
        accuracyIs(0.85, 1, World.after(22));
    }

    @Test
    @Order(3)
    void theRetrainedVersionKnowsTheWorldAsItIsNow() {
        var policy = watched.awaitPolicy("loop", object -> {
            assertThat(object.phase()).as("%s", object.status()).isEqualTo("Healthy");
            assertThat((Integer) object.status("lastEvaluation", "samples")).isGreaterThanOrEqualTo(300);
        });
        assertThat(policy.status("lastEvaluation", "drifted")).isEqualTo("0/4");
        assertThat(Watched.trigger(policy, "retrain").get("state")).isEqualTo("Handled");
        assertThat(namespace.trainingJob(Watched.NAME).status("latestRun"))
                .as("one trigger, one run")
                .isEqualTo(2);
        assertThat(traffic.failures()).as("requests that failed meanwhile").isEmpty();
    }

    @Test
    @Order(4)
    void theStoryIsTold() {
        assertThat(namespace.kubectl("get", "drift", "loop").succeeded())
                .contains("SERVICE", "SHARE", "DRIFTED", "BREACHES", "PHASE")
                .containsPattern("loop +world +0 +0/4");
        assertThat(namespace.kubectl("describe", "drift", "loop").succeeded())
                .containsPattern("Warning +Breached")
                .containsPattern("Normal +Triggered");
        assertThat(namespace.kubectl("describe", "tj", Watched.NAME).succeeded())
                .containsPattern("Normal +RunStarted .*DriftPolicy loop");
        var report = String.valueOf(namespace.driftPolicy("loop").status("reportUrl"));
        assertThat(report).startsWith("s3://").endsWith("/report.html");
    }

    private void accuracyIs(double least, double most, World world) {
        var rows = world.rows(200);
        var answers = new ServedClassifier(namespace.address(Watched.NAME), Watched.NAME)
                .labels(rows.stream().map(World.Row::features).toList());
        var right = 0;
        for (var row = 0; row < rows.size(); row++) {
            right += rows.get(row).label() == answers.get(row) ? 1 : 0;
        }
        assertThat((double) right / rows.size()).isBetween(least, most);
    }
}
