package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.CustomObject;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.training.ChurnData;
import dev.tatara.e2e.training.Trainings;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What people get wrong in trainings: the status says what, and what to do; nothing is registered. */
@OnCluster
class TrainingTroubleE2E {
    private final TestNamespace namespace;
    private final Trainings trainings;

    TrainingTroubleE2E(Cluster cluster, TestNamespace namespace) {
        this.namespace = namespace;
        this.trainings = new Trainings(cluster, namespace);
    }

    @BeforeAll
    void areTrained() {
        trainings.upload(new ChurnData(300, 2));
        namespace.apply(trainings.view("user-activity"));
        namespace.awaitFeatureView("user-activity", view -> view.hasCondition("Ready", "True"));
    }

    @Test
    void modelThatIsTooBadIsNotRegistered() {
        namespace.apply(trainings.churn("gated", 0.99999));
        var job = trainings.awaitRun("gated", 1, "GatesFailed");
        assertThat(message(job)).contains("accuracy", "0.99999");
        isNotRegistered("gated");
        assertThat(namespace.kubectl("describe", "tj", "gated").succeeded()).containsPattern("Warning +\\w*Gates");
    }

    @Test
    void trainerThatWritesNoModelIsToldSo() {
        // A hundred megabytes of log before it ends are nobody's trouble.
        namespace.apply(trainings.training(
                "modelless", program("for _ in range(100): print('x' * 1000000); print('loss=0.5')"), 0.5));
        var job = trainings.awaitRun("modelless", 1, "Failed");
        assertThat(message(job)).contains("model.onnx");
        assertThat(attemptsOf("modelless")).as("not repeated").isEqualTo(1);
        isNotRegistered("modelless");
    }

    @Test
    void trainerThatFailsIsRepeatedAndQuoted() {
        namespace.apply(trainings.training("failing", program("raise SystemExit('no more ideas')"), 0.5));
        var job = trainings.awaitRun("failing", 1, "Failed");
        assertThat(message(job)).contains("exit code 1", "no more ideas");
        assertThat(job.status("runs")).asString().contains("attempt=4");
        isNotRegistered("failing");
    }

    @Test
    void memoryThatDoesNotSufficeIsNamed() {
        namespace.apply(trainings.training("hungry", program("bytearray(3 * 10**9)"), 0.5));
        var job = trainings.awaitRun("hungry", 1, "Failed");
        assertThat(message(job)).containsIgnoringCase("memory").contains("spec.trainer.resources");
    }

    @Test
    void labelThatIsMissingIsNamed() {
        namespace.apply(trainings.churn("mislabelled", 0.5).replace("labelColumn: churned", "labelColumn: churnd"));
        var job = trainings.awaitRun("mislabelled", 1, "DataRejected");
        assertThat(message(job)).contains("churnd", "churned");
        isNotRegistered("mislabelled");
    }

    @Test
    void imageThatCannotBePulledIsNamed() {
        namespace.apply(trainings.training("imageless", "{image: \"tatara.dev/no-such-trainer:dev\"}", 0.5));
        await("run of imageless to say what it waits for")
                .atMost(Cluster.LIMIT)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(String.valueOf(
                                namespace.trainingJob("imageless").status()))
                        .contains("ImagePullFailed", "tatara.dev/no-such-trainer:dev"));
        namespace.delete("TrainingJob", "imageless");
        await("Jobs and pods of imageless to go").atMost(Cluster.LIMIT).untilAsserted(() -> assertThat(
                        namespace.pods(Map.of("mlops.tatara.dev/trainingjob", "imageless")))
                .isEmpty());
    }

    @Test
    void scheduleThatNamesNoTimesIsRefused() {
        namespace.apply(trainings
                .churn("unscheduled", 0.5)
                .replace("triggers: {onCreate: true}", "triggers: {schedule: {cron: \"61 * * * *\"}}"));
        namespace.awaitTrainingJob(
                "unscheduled", Cluster.LIMIT, job -> job.hasCondition("Accepted", "False", "InvalidSchedule", "61")
                        .hasCondition("Stalled", "True"));
        assertThat(Trainings.stepsOf(namespace, "unscheduled")).isEmpty();
    }

    @Test
    void metricsThatAreNoNumbersAreLeftOut() {
        namespace.apply(trainings.training(
                "nan",
                program("import runpy, sys; sys.argv += ['--label', 'churned', '--ignore', 'user_id,event_timestamp'];"
                        + " runpy.run_path('/app/train.py', run_name='__main__');"
                        + " open('/tatara/output/metrics.json', 'w').write(chr(123) + chr(34) + 'loss' + chr(34) +"
                        + " ': NaN' + chr(125))"),
                0.7));
        trainings.awaitRun("nan", 1, "Registered");
        namespace.awaitModelVersion("nan-1", version -> version.hasCondition("Verified", "True"));
    }

    private static String message(CustomObject job) {
        return String.valueOf(Trainings.run(job, 1).get("message"));
    }

    private long attemptsOf(String training) {
        return Trainings.stepsOf(namespace, training).stream()
                .filter(name -> name.startsWith(training + "-1-train-"))
                .count();
    }

    private void isNotRegistered(String model) {
        assertThat(namespace.exists("ModelVersion", model + "-1")).isFalse();
    }

    /** A trainer that runs a line of Python. */
    private static String program(String line) {
        return "{image: %s, command: [python3, -c, \"%s\"], resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 1Gi}}}"
                .formatted(Trainings.IMAGE, line);
    }
}
