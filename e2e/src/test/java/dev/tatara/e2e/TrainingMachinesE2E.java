package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.PodKill;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.training.ChurnData;
import dev.tatara.e2e.training.Trainings;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A trainer waits in a queue until it is admitted, and its machine may be taken away: neither costs a retry. */
@OnCluster
class TrainingMachinesE2E {
    private static final String NAME = "queued";
    private static final String JOB = NAME + "-1-train-1";

    private final Cluster cluster;
    private final TestNamespace namespace;
    private final Trainings trainings;

    TrainingMachinesE2E(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
        this.trainings = new Trainings(cluster, namespace);
    }

    @BeforeAll
    void prepare() {
        trainings.upload(new ChurnData(300, 3));
        namespace.apply(trainings.view("user-activity"));
        namespace.awaitFeatureView("user-activity", view -> view.hasCondition("Ready", "True"));
    }

    /** Without Kueue: what it does to a Job that it admits is done here. */
    @Test
    void waitingAndBeingTakenAwayUsesUpNoRetry() {
        namespace.apply(trainings
                .churn(NAME, 0.5)
                .replace("trainer: {", "trainer: {queue: team-a, ")
                .replace("retries: 3", "retries: 0"));
        namespace.awaitTrainingJob(NAME, Cluster.LIMIT, job -> assertThat(String.valueOf(job.status()))
                .contains("waits in queue team-a until Kueue starts it"));
        assertThat(job().getMetadata().getLabels()).containsEntry("kueue.x-k8s.io/queue-name", "team-a");
        assertThat(pod()).isEmpty();

        cluster.client()
                .resource(job())
                .edit(job -> job.edit().editSpec().withSuspend(false).endSpec().build());
        var eviction = PodKill.eviction(cluster);
        await("a pod to take away")
                .atMost(Cluster.LIMIT)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    eviction.look(pod());
                    return eviction.isOver();
                });
        assertThat(eviction.hasStruck()).isTrue();

        var run = Trainings.run(trainings.awaitRun(NAME, 1, "Registered"), 1);
        assertThat(run).containsEntry("modelVersion", NAME + "-1");
        assertThat(namespace.jobs(Map.of("mlops.tatara.dev/trainingjob", NAME)))
                .extracting(job -> job.getMetadata().getName())
                .filteredOn(name -> name.startsWith(NAME + "-1-train-"))
                .containsExactly(JOB);
        assertThat(job().getStatus().getFailed()).isNull();
    }

    private Job job() {
        return cluster.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(namespace.name())
                .withName(JOB)
                .require();
    }

    private Optional<Pod> pod() {
        return namespace.pods(Map.of("batch.kubernetes.io/job-name", JOB)).stream()
                .findFirst();
    }
}
