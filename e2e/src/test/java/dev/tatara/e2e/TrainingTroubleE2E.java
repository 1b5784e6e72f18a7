package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.CustomObject;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.training.ChurnData;
import dev.tatara.e2e.training.Trainings;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What people get wrong in trainings: the status says what, and what to do; nothing is registered. */
@OnCluster
class TrainingTroubleE2E {
    private final Cluster cluster;
    private final TestNamespace namespace;
    private final Trainings trainings;

    TrainingTroubleE2E(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
        this.trainings = new Trainings(cluster, namespace);
    }

    /** All at once: most of the time each waits for its pods. */
    @BeforeAll
    void areTrained() {
        trainings.upload(new ChurnData(300, 2));
        namespace.apply(trainings.view("user-activity") + "---\n" + trainings.tellingView("exits"));
        namespace.awaitFeatureView("user-activity", view -> view.hasCondition("Ready", "True"));
        namespace.awaitFeatureView("exits", view -> view.hasCondition("Ready", "True"));
        namespace.apply(String.join(
                "---\n",
                trainings.churn("gated", 0.99999),
                trainings
                        .churn("leaking", 0.5)
                        .replace("x3]}]", "x3]}, {name: exits, features: [has_left]}]")
                        .replace("gates: [", "gates: [{leakage: {maxCorrelation: 0.99}}, "),
                trainings.training("modelless", program(printing(200, "loss=0.5 and more")), 0.5),
                trainings.training("failing", program("raise SystemExit('no more ideas')"), 0.5),
                trainings.training("hungry", program("bytearray(3 * 10**9)"), 0.5),
                trainings.churn("mislabelled", 0.5).replace("labelColumn: churned", "labelColumn: churnd"),
                trainings.training("imageless", "{image: \"tatara.dev/no-such-trainer:dev\"}", 0.5),
                trainings
                        .churn("unscheduled", 0.5)
                        .replace("triggers: {onCreate: true}", "triggers: {schedule: {cron: \"61 * * * *\"}}"),
                trainings.training(
                        "nan",
                        program("import runpy, sys;"
                                + " sys.argv += ['--label', 'churned', '--ignore', 'user_id,event_timestamp'];"
                                + " runpy.run_path('/app/train.py', run_name='__main__');"
                                + " open('/tatara/output/metrics.json', 'w').write(chr(123) + chr(34) + 'loss' + chr(34)"
                                + " + ': NaN' + chr(125))"),
                        0.7)));
    }

    @Test
    void modelThatIsTooBadIsNotRegistered() {
        var job = trainings.awaitRun("gated", 1, "GatesFailed");
        assertThat(message(job)).contains("accuracy", "0.99999");
        isNotRegistered("gated");
        assertThat(namespace.kubectl("describe", "tj", "gated").succeeded()).containsPattern("Warning +\\w*Gates");
    }

    @Test
    void trainerThatWritesNoModelIsToldSo() {
        var job = trainings.awaitRun("modelless", 1, "Failed");
        assertThat(message(job)).contains("model.onnx");
        assertThat(attemptsOf("modelless")).as("not repeated").isEqualTo(1);
        isNotRegistered("modelless");
        nobodyIsTroubledByItsLog(job);
    }

    @Test
    void featureThatTellsTheLabelIsNamed() {
        var job = trainings.awaitRun("leaking", 1, "GatesFailed");
        assertThat(message(job))
                .contains("the label can be read from has_left", "0.99")
                .doesNotContain("accuracy");
        isNotRegistered("leaking");
    }

    @Test
    void sweepWithoutRoomToSearchIsRefused() {
        for (var parameter : List.of(
                "rate, uniform: {min: 0.5, max: 0.1}",
                "rate, logUniform: {min: 0.5, max: 0.1}",
                "rate, integer: {min: 5, max: 5}")) {
            assertThatExceptionOfType(KubernetesClientException.class)
                    .isThrownBy(() -> namespace.apply(trainings.churn("swept", 0.5, sweep(4, parameter))))
                    .withMessageContaining("spec.sweep.parameters[0]")
                    .withMessageContaining("min must be below max");
        }
        assertThatExceptionOfType(KubernetesClientException.class)
                .isThrownBy(() ->
                        namespace.apply(trainings.churn("swept", 0.5, sweep(1, "rate, uniform: {min: 0.1, max: 0.5}"))))
                .withMessageContaining("parallel must not be above trials");
        assertThat(namespace.exists("TrainingJob", "swept")).isFalse();
    }

    /** Ten gigabytes, of which the node keeps what it keeps of every log. */
    @Tag("long")
    @Test
    void tenGigabytesOfLogAreNobodysTrouble() {
        namespace.apply(trainings.training("talkative", program(printing(10_000, "loss=0.5 and more")), 0.5));
        var job = trainings.awaitRun("talkative", 1, "Failed");
        assertThat(message(job)).contains("model.onnx");
        assertThat(attemptsOf("talkative")).as("not repeated").isEqualTo(1);
        nobodyIsTroubledByItsLog(job);
    }

    @Tag("long")
    @Test
    void logThatFillsTheDiskEndsItsTrainer() {
        var endless = program("while True: print('x' * 1000)")
                .replace("limits: {memory: 1Gi}", "limits: {memory: 1Gi, ephemeral-storage: 100Mi}");
        namespace.apply(trainings.training("endless", endless, 0.5));
        var job = trainings.awaitRun("endless", 1, "Failed");
        assertThat(message(job)).contains("stdout", "spec.trainer.resources.limits.ephemeral-storage");
        assertThat(attemptsOf("endless")).as("not repeated").isEqualTo(1);
        nobodyIsTroubledByItsLog(job);
    }

    @Test
    void trainerThatFailsIsRepeatedAndQuoted() {
        var job = trainings.awaitRun("failing", 1, "Failed");
        assertThat(message(job)).contains("exit code 1", "no more ideas");
        assertThat(job.status("runs")).asString().contains("attempt=4");
        isNotRegistered("failing");
    }

    @Test
    void memoryThatDoesNotSufficeIsNamed() {
        var job = trainings.awaitRun("hungry", 1, "Failed");
        assertThat(message(job)).containsIgnoringCase("memory").contains("spec.trainer.resources");
    }

    @Test
    void labelThatIsMissingIsNamed() {
        var job = trainings.awaitRun("mislabelled", 1, "DataRejected");
        assertThat(message(job)).contains("churnd", "churned");
        isNotRegistered("mislabelled");
    }

    @Test
    void imageThatCannotBePulledIsNamed() {
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
        namespace.awaitTrainingJob(
                "unscheduled", Cluster.LIMIT, job -> job.hasCondition("Accepted", "False", "InvalidSchedule", "61")
                        .hasCondition("Stalled", "True"));
        assertThat(Trainings.stepsOf(namespace, "unscheduled")).isEmpty();
    }

    @Test
    void metricsThatAreNoNumbersAreLeftOut() {
        trainings.awaitRun("nan", 1, "Registered");
        namespace.awaitModelVersion("nan-1", version -> version.hasCondition("Verified", "True"));
    }

    /** The operator, which reads logs for what they say of progress, and the API server, which keeps what it writes. */
    private void nobodyIsTroubledByItsLog(CustomObject job) {
        assertThat(Serialization.asJson(job.resource())).hasSizeLessThan(64 << 10);
        assertThat(cluster.operator().pods()).isNotEmpty().allSatisfy(pod -> assertThat(
                        pod.getStatus().getContainerStatuses())
                .allSatisfy(container -> assertThat(container.getRestartCount())
                        .as("%s", container.getLastState())
                        .isZero()));
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

    /** A sweep, two trials at a time, over one parameter. */
    private static String sweep(int trials, String parameter) {
        return "sweep: {trials: %d, parallel: 2, objective: {metric: loss, goal: Minimize}, parameters: [{name: %s}]}"
                .formatted(trials, parameter);
    }

    /** Python that prints so many megabytes of lines with a text. */
    private static String printing(int megabytes, String text) {
        return "line = '%s'.ljust(999) + chr(10); [print(line * 1000, end='') for _ in range(%d)]"
                .formatted(text, megabytes);
    }

    /** A trainer that runs a line of Python. */
    private static String program(String line) {
        return "{image: %s, command: [python3, -c, \"%s\"], resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 1Gi}}}"
                .formatted(Trainings.IMAGE, line);
    }
}
