package dev.tatara.operator.modelversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus.Phase;
import dev.tatara.api.v1alpha1.modelversion.Stage;
import dev.tatara.contracts.ModelInspection;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.EventRecorder;
import dev.tatara.operator.kubernetes.StatusWriter;
import dev.tatara.operator.modelversion.plan.InspectionJob;
import dev.tatara.operator.testing.OperatorScene;
import dev.tatara.operator.testing.StepJobs;
import dev.tatara.operator.testing.TestSettings;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A namespace, an operator with this one reconciler, and what tests ask of them. */
abstract class ModelVersionScene extends OperatorScene<ModelVersion> {
    static StepJobs<ModelInspection> inspections;

    @BeforeAll
    static void startSteps() {
        inspections = Inspections.on(api);
    }

    @AfterAll
    static void stopSteps() {
        inspections.close();
    }

    @Override
    protected Reconciler<ModelVersion> reconciler(KubernetesClient kubernetes) {
        return new ModelVersionReconciler(
                kubernetes,
                new Applier(kubernetes),
                new StatusWriter(kubernetes),
                new EventRecorder(kubernetes, Clock.systemUTC(), "test"),
                TestSettings.with(Map.of(
                        "verification.retry-initial", "1s",
                        "verification.retry-max", "1s",
                        "verification.rejected-retry-initial", "1s",
                        "verification.rejected-retry-max", "1s")),
                Clock.systemUTC());
    }

    void apply(int number, String specification) {
        applied(ModelVersion.class, """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: ModelVersion
                metadata: {name: churn-%1$d, namespace: %2$s}
                spec: {model: churn, version: "%1$d", source: {uri: "s3://models/churn/%1$d.onnx"}, %3$s}
                """.formatted(number, namespace, specification));
    }

    InferenceService applyService(String name, String model) {
        return applied(InferenceService.class, """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: InferenceService
                metadata: {name: %s, namespace: %s}
                spec: {model: %s}
                """.formatted(name, namespace, model));
    }

    void annotate(int number, String annotation, String value) {
        annotate(version(number), annotation, value);
    }

    void fail(int number, String reason, String message) {
        inspections.endWith(namespace, "churn-" + number, StepResult.failed("inspect-model", reason, message));
    }

    void reject(int number, String reason, String message) {
        inspections.endWith(namespace, "churn-" + number, StepResult.rejected("inspect-model", reason, message, null));
    }

    Resource<ModelVersion> version(int number) {
        return api.client().resources(ModelVersion.class).inNamespace(namespace).withName("churn-" + number);
    }

    ModelVersionStatus status(int number) {
        var status = version(number).get().getStatus();
        return status == null ? ModelVersionStatus.EMPTY : status;
    }

    List<String> finalizers(int number) {
        return version(number).get().getMetadata().getFinalizers();
    }

    Condition condition(int number, String type) {
        return condition(type, status(number).conditions());
    }

    List<Job> jobs() {
        return selected(Job.class, InspectionJob.SELECTOR);
    }

    void awaitPhase(int number, Phase phase) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(status(number).phase())
                .as("phase of churn-%d in %s", number, status(number))
                .isEqualTo(phase));
    }

    void awaitStages(Map<Integer, Stage> stages) {
        await().atMost(LIMIT)
                .untilAsserted(() -> stages.forEach(
                        (number, stage) -> assertThat(status(number).stage())
                                .as("stage of churn-%d in %s", number, status(number))
                                .isEqualTo(stage)));
    }

    void awaitEvents(int number, String... reasons) {
        awaitEvents("churn-" + number, reasons);
    }
}
