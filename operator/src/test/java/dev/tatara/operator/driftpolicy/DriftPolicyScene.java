package dev.tatara.operator.driftpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Phase;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.contracts.DriftEvaluated.Breach;
import dev.tatara.contracts.DriftEvaluated.Judgement;
import dev.tatara.contracts.Notified;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.driftpolicy.plan.EvaluationJob;
import dev.tatara.operator.driftpolicy.plan.NotificationJob;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.EventRecorder;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.kubernetes.StatusWriter;
import dev.tatara.operator.testing.OperatorScene;
import dev.tatara.operator.testing.StepJobs;
import dev.tatara.operator.testing.TestSettings;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A namespace, an operator with this one reconciler, a policy called {@code churn}, and what tests ask of them. */
abstract class DriftPolicyScene extends OperatorScene<DriftPolicy> {
    static final String POLICY = "churn";

    private static final String OWNER = Labels.ownerKey(DriftPolicy.class);
    private static final String SELECTOR = Labels.MANAGED_SELECTOR + "," + OWNER;

    static StepJobs<Object> steps;

    MeterRegistry metrics;

    @BeforeAll
    static void startSteps() {
        steps = new StepJobs<>(
                api,
                SELECTOR,
                job -> EvaluationJob.numberOf(job) > 0 ? EvaluationJob.CONTAINER : NotificationJob.CONTAINER,
                job -> EvaluationJob.numberOf(job) > 0 ? EvaluationJob.CONTAINER : NotificationJob.CONTAINER,
                job -> EvaluationJob.numberOf(job) > 0
                        ? StepResult.succeeded(
                                "drift", "judged", Evaluations.of(Map.of(Breach.DataDrift, Judgement.Good)))
                        : StepResult.succeeded("notify", "sent", new Notified(200, 1)));
    }

    @AfterAll
    static void stopSteps() {
        steps.close();
    }

    @Override
    protected Reconciler<DriftPolicy> reconciler(KubernetesClient kubernetes) {
        metrics = new SimpleMeterRegistry();
        return new DriftPolicyReconciler(
                kubernetes,
                new Applier(kubernetes),
                new StatusWriter(kubernetes),
                new EventRecorder(kubernetes, Clock.systemUTC(), "test"),
                metrics,
                TestSettings.with(Map.of(
                        "drift.retry-initial", "1s",
                        "drift.retry-max", "1s",
                        "notification.retry-initial", "1s",
                        "notification.retry-max", "1s")),
                Clock.systemUTC());
    }

    /** Applies the policy with these lines of its spec. */
    void apply(String... spec) {
        applied(DriftPolicy.class, """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: DriftPolicy
                metadata: {name: %s, namespace: %s}
                spec:
                  target: {inferenceService: churn}
                  %s
                """.formatted(POLICY, namespace, String.join("\n  ", spec)));
    }

    /** From now on evaluations find this of the features. */
    void judge(Judgement judgement) {
        judge(Map.of(Breach.DataDrift, judgement));
    }

    void judge(Map<Breach, Judgement> verdicts) {
        steps.endWith(
                namespace, EvaluationJob.CONTAINER, StepResult.succeeded("drift", "judged", Evaluations.of(verdicts)));
    }

    /** A service that serves this version, and the version. */
    void serve(int version) {
        applied(ModelVersion.class, """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: ModelVersion
                metadata: {name: churn-%1$d, namespace: %2$s}
                spec:
                  model: churn
                  version: "%1$d"
                  source: {uri: "s3://m/%1$d.onnx"}
                  baseline: {uri: "s3://m/%1$d/profile.json"}
                """.formatted(version, namespace));
        appliedWithStatus(InferenceService.class, """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: InferenceService
                metadata: {name: churn, namespace: %2$s}
                spec: {model: {follow: {model: churn, stage: Production}}}
                status:
                  stable: {modelVersion: churn-%1$d, revision: rev%1$d, since: "%3$s"}
                  history:
                  - {revision: rev%1$d, modelVersion: churn-%1$d, at: "%3$s", outcome: Promoted}
                  - {revision: rev0, modelVersion: churn-0, at: "2025-01-01T00:00:00Z", outcome: Promoted}
                """.formatted(
                        version, namespace, Clock.systemUTC().instant()));
    }

    /** A TrainingJob that listens to the policy, with this status. */
    void train(String status) {
        appliedWithStatus(TrainingJob.class, """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: TrainingJob
                metadata: {name: churn, namespace: %s}
                spec:
                  model: churn
                  dataset: {uri: "s3://raw/churn.parquet", labelColumn: churned}
                  trainer: {image: "registry.example.com/churn:1"}
                  triggers: {policies: [churn]}
                status: %s
                """.formatted(namespace, status));
    }

    /** What the webhook writes: alerts that fire, by its own name. */
    void alert(String alerts, int count) {
        var patch = """
                {"apiVersion": "mlops.tatara.dev/v1alpha1", "kind": "DriftPolicy",
                 "metadata": {"name": "%s", "namespace": "%s"}, "status": {"alerts": %s, "alertsCount": %d}}
                """.formatted(POLICY, namespace, alerts, count);
        policy().subresource("status")
                .patch(
                        new PatchContext.Builder()
                                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                                .withFieldManager("tatara-alerts")
                                .withForce(true)
                                .build(),
                        patch);
    }

    void annotate(String annotation, String value) {
        annotate(policy(), annotation, value);
    }

    List<String> started() {
        return steps.startedIn(namespace);
    }

    Resource<DriftPolicy> policy() {
        return api.client().resources(DriftPolicy.class).inNamespace(namespace).withName(POLICY);
    }

    DriftPolicyStatus status() {
        var status = policy().get().getStatus();
        return status == null ? DriftPolicyStatus.EMPTY : status;
    }

    Optional<Trigger> trigger(String action) {
        return status().triggers().stream()
                .filter(trigger -> trigger.action().equals(action))
                .findFirst();
    }

    Condition condition(String type) {
        return condition(type, status().conditions());
    }

    List<Job> jobs() {
        return selected(Job.class, SELECTOR);
    }

    List<ConfigMap> maps() {
        return selected(ConfigMap.class, SELECTOR);
    }

    void awaitPhase(Phase phase) {
        await().atMost(LIMIT)
                .untilAsserted(() ->
                        assertThat(status().phase()).as("phase in %s", status()).isEqualTo(phase));
    }

    void awaitTrigger(String action, Trigger.State state) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(trigger(action))
                .as("trigger in %s", status())
                .isPresent()
                .get()
                .satisfies(trigger -> assertThat(trigger.state()).isEqualTo(state)));
    }
}
