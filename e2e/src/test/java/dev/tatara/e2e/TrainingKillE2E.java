package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.training.ChurnData;
import dev.tatara.e2e.training.Trainings;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Runs whose operator and pods are killed at random moments end as undisturbed ones do: the same rows, the same model,
 * one version; nothing that had succeeded is done twice, and nothing is left over. {@code -De2e.seed=} repeats a draw.
 */
@OnCluster
@ResourceLock("operator")
class TrainingKillE2E {
    private static final int KILLS = 3;
    private static final String SWEEP = """
            sweep: {algorithm: TPE, trials: 4, parallel: 2, seed: 1, objective: {metric: loss, goal: Minimize},\
             parameters: [{name: learning_rate, logUniform: {min: 0.005, max: 0.1}}]}""";

    private static final Duration LIMIT = Duration.ofMinutes(9);

    private final Cluster cluster;
    private final TestNamespace namespace;
    private final Trainings trainings;

    private Undisturbed run;
    private Undisturbed sweep;

    /**
     * A run that nobody disturbs.
     *
     * @param usual how long it took
     * @param results what it left
     * @param more what is asked for beside what every training asks for
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Undisturbed(Duration usual, Map<String, String> results, String[] more) {}

    TrainingKillE2E(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
        this.trainings = new Trainings(cluster, namespace);
    }

    @BeforeAll
    void undisturbed() {
        trainings.upload(new ChurnData(300, 3));
        namespace.apply(trainings.view("user-activity"));
        namespace.awaitFeatureView("user-activity", view -> view.hasCondition("Ready", "True"));
        run = undisturbed("calm");
    }

    private Undisturbed undisturbed(String name, String... more) {
        var began = Instant.now();
        namespace.apply(manifest(name, more));
        trainings.awaitRun(name, 1, "Registered");
        return new Undisturbed(Duration.between(began, Instant.now()), trainings.results(name), more);
    }

    @AfterAll
    void restore() {
        await("operator").atMost(Cluster.LIMIT).until(() -> cluster.operator().isReady());
    }

    @Test
    void killsLeaveNoTrace() {
        kill("killed", run, KILLS);
    }

    /** Eighteen kills beside the three. */
    @Tag("long")
    @RepeatedTest(6)
    void killsNeverLeaveATrace(RepetitionInfo repetition) {
        kill("killed-again-" + repetition.getCurrentRepetition(), run, KILLS);
    }

    /** Twenty-one kills of sweeps of four trials, two at a time. */
    @Tag("long")
    @RepeatedTest(3)
    void killsOfSweepsLeaveNoTrace(RepetitionInfo repetition) {
        if (sweep == null) {
            sweep = undisturbed("calm-sweep", SWEEP);
        }
        kill("killed-sweep-" + repetition.getCurrentRepetition(), sweep, 7);
    }

    /** Kills the operator, and by turns with it what runs just then, at moments spread over a run. */
    private void kill(String name, Undisturbed calm, int kills) {
        var seed = Long.getLong("e2e.seed", System.nanoTime());
        var random = new Random(seed);
        var moments = IntStream.range(0, kills)
                .mapToObj(_ -> calm.usual().multipliedBy(random.nextInt(1000)).dividedBy(1000))
                .sorted()
                .toList();
        var withPods =
                IntStream.range(0, kills).mapToObj(_ -> random.nextBoolean()).toList();
        System.out.printf(
                "run of some %s, seed %d: operator killed after %s, pods too %s%n",
                calm.usual(), seed, moments, withPods);
        var began = System.nanoTime();
        namespace.apply(manifest(name, calm.more()));
        for (var kill = 0; kill < kills; kill++) {
            var moment = moments.get(kill);
            await("moment of kill " + kill)
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> System.nanoTime() - began >= moment.toNanos());
            cluster.operator().kill();
            if (withPods.get(kill)) {
                killPods(name);
            }
        }
        var job = trainings.awaitRun(name, 1, "Registered");
        assertThat(trainings.results(name)).as("results, seed %d", seed).isEqualTo(calm.results());
        assertThat(Trainings.run(job, 1).get("modelVersion")).isEqualTo(name + "-1");
        assertThat(namespace.exists("ModelVersion", name + "-2")).isFalse();
        assertThat(job.status("latestRun")).isEqualTo(1);
        nothingSucceededTwice(name);
        await("pods of " + name + " to end").atMost(Cluster.LIMIT).untilAsserted(() -> assertThat(pods(name))
                .allSatisfy(pod -> assertThat(pod.getStatus().getPhase()).isIn("Succeeded", "Failed")));
    }

    /** With as many retries as there may be kills. */
    private String manifest(String name, String... more) {
        return trainings.churn(name, 0.5, more).replace("retries: 3", "retries: 7");
    }

    private void killPods(String training) {
        for (var pod : pods(training)) {
            if (List.of("Pending", "Running").contains(pod.getStatus().getPhase())) {
                cluster.client().resource(pod).withGracePeriod(0).delete();
            }
        }
    }

    private List<Pod> pods(String training) {
        return namespace.pods(Map.of("mlops.tatara.dev/trainingjob", training));
    }

    /** A Job that succeeds after another one has found what that one did: its pod went before anybody had heard of it. */
    private void nothingSucceededTwice(String training) {
        var succeeded = new TreeMap<String, TreeSet<String>>();
        for (var job : namespace.jobs(Map.of("mlops.tatara.dev/trainingjob", training))) {
            if (job.getStatus().getSucceeded() != null && job.getStatus().getSucceeded() > 0) {
                var name = job.getMetadata().getName();
                succeeded
                        .computeIfAbsent(name.replaceFirst("-\\d+$", ""), _ -> new TreeSet<>())
                        .add(name);
            }
        }
        succeeded.values().stream().flatMap(jobs -> jobs.stream().skip(1)).forEach(again -> assertThat(
                        namespace.kubectl("logs", "job/" + again).succeeded())
                .as("%s of %s", again, succeeded)
                .contains("found the result of an earlier run"));
    }
}
