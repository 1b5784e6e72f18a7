package dev.tatara.operator.trainingjob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Run;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.RunPhase;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.EventRecorder;
import dev.tatara.operator.kubernetes.StatusWriter;
import dev.tatara.operator.testing.OperatorScene;
import dev.tatara.operator.testing.StepJobs;
import dev.tatara.operator.testing.TestSettings;
import dev.tatara.operator.trainingjob.run.RunLabels;
import dev.tatara.operator.trainingjob.train.TrainerJob;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A namespace, an operator with this one reconciler, a training called {@code churn}, and what tests ask of them. */
abstract class TrainingJobScene extends OperatorScene<TrainingJob> {
    static final String JOB = "churn";

    static StepJobs<Object> steps;

    MeterRegistry metrics;

    @BeforeAll
    static void startSteps() {
        steps = new StepJobs<>(
                api,
                RunLabels.SELECTOR,
                TrainingJobScene::containerOf,
                job -> JOB + "/" + stepOf(job),
                StepResults::success);
    }

    @AfterAll
    static void stopSteps() {
        steps.close();
    }

    @Override
    protected Reconciler<TrainingJob> reconciler(KubernetesClient kubernetes) {
        metrics = new SimpleMeterRegistry();
        return new TrainingJobReconciler(
                kubernetes,
                new Applier(kubernetes),
                new StatusWriter(kubernetes),
                new EventRecorder(kubernetes, Clock.systemUTC(), "test"),
                metrics,
                TestSettings.with(Map.of("training.tracking-retry-initial", "1s", "training.tracking-retry-max", "1s")),
                Clock.systemUTC());
    }

    /** Applies the training on a table that is ready, with more lines of its spec. */
    void apply(String... more) {
        applyOn("{uri: 's3://raw/churn.parquet', labelColumn: churned}", more);
    }

    /** Applies the training on a dataset, with more lines of its spec. */
    void applyOn(String dataset, String... more) {
        applied(TrainingJob.class, """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: TrainingJob
                metadata: {name: %s, namespace: %s}
                spec:
                  model: churn
                  dataset: %s
                  trainer: {image: "registry.example.com/churn:1"}
                  retries: 1
                  retryDelay: 1s
                  %s
                """.formatted(JOB, namespace, dataset, String.join("\n  ", more)));
    }

    void annotate(String annotation, String value) {
        annotate(job(), annotation, value);
    }

    void endWith(String step, StepResult<?> result) {
        steps.endWith(
                namespace,
                JOB + "/" + step,
                new StepResult<Object>(
                        result.schema(),
                        result.step(),
                        result.outcome(),
                        result.reason(),
                        result.message(),
                        result.details()));
    }

    void lose(String step) {
        steps.lose(namespace, JOB + "/" + step);
    }

    void mend(String step) {
        steps.mend(namespace, JOB + "/" + step);
    }

    void pause(String step) {
        steps.pause(namespace, JOB + "/" + step);
    }

    void resume(String step) {
        steps.resume(namespace, JOB + "/" + step);
    }

    List<String> started() {
        return steps.startedIn(namespace);
    }

    Resource<TrainingJob> job() {
        return api.client().resources(TrainingJob.class).inNamespace(namespace).withName(JOB);
    }

    TrainingJobStatus status() {
        var status = job().get().getStatus();
        return status == null ? TrainingJobStatus.EMPTY : status;
    }

    Run run(long number) {
        return status().runs().stream()
                .filter(run -> run.number() == number)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no run " + number + " in " + status()));
    }

    Condition condition(String type) {
        return condition(type, status().conditions());
    }

    List<ModelVersion> versions() {
        return api.client()
                .resources(ModelVersion.class)
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    List<Job> jobs() {
        return selected(Job.class, RunLabels.SELECTOR);
    }

    List<ConfigMap> maps() {
        return selected(ConfigMap.class, RunLabels.SELECTOR);
    }

    void awaitRun(long number, RunPhase phase) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(run(number).phase())
                .as("run in %s", status())
                .isEqualTo(phase));
    }

    void awaitStarted(String name) {
        await().atMost(LIMIT)
                .untilAsserted(
                        () -> assertThat(started()).as("status %s", status()).contains(name));
    }

    static String stepOf(Job job) {
        return job.getMetadata().getLabels().get(RunLabels.STEP);
    }

    private static String containerOf(Job job) {
        return switch (stepOf(job)) {
            case "train", "trial" -> TrainerJob.PUBLISH;
            case String step -> step;
        };
    }
}
