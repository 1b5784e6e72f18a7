package dev.tatara.operator.featureview;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus.Phase;
import dev.tatara.contracts.CheckVerdict;
import dev.tatara.contracts.Materialized;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.featureview.plan.MaterializationJob;
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
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A namespace, an operator with this one reconciler, a view called {@code activity}, and what tests ask of them. */
abstract class FeatureViewScene extends OperatorScene<FeatureView> {
    static final String VIEW = "activity";

    static StepJobs<Materialized> steps;

    MeterRegistry metrics;

    @BeforeAll
    static void startSteps() {
        steps = new StepJobs<>(
                api,
                MaterializationJob.SELECTOR,
                MaterializationJob.CONTAINER,
                Labels.ownerKey(FeatureView.class),
                job -> success(MaterializationJob.numberOf(job), List.of()));
    }

    @AfterAll
    static void stopSteps() {
        steps.close();
    }

    @Override
    protected Reconciler<FeatureView> reconciler(KubernetesClient kubernetes) {
        metrics = new SimpleMeterRegistry();
        return new FeatureViewReconciler(
                kubernetes,
                new Applier(kubernetes),
                new StatusWriter(kubernetes),
                new EventRecorder(kubernetes, Clock.systemUTC(), "test"),
                metrics,
                TestSettings.with(Map.of("materialization.retry-initial", "1s", "materialization.retry-max", "1s")),
                Clock.systemUTC());
    }

    void apply(String uri, String more) {
        applied(FeatureView.class, """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: FeatureView
                metadata: {name: %s, namespace: %s}
                spec:
                  entities: [{name: user_id, type: INT64}]
                  features: [{name: logins, type: INT64}]
                  source: {uri: "%s", timestampColumn: at}
                  %s
                """.formatted(VIEW, namespace, uri, more));
    }

    void annotate(String annotation, String value) {
        annotate(view(), annotation, value);
    }

    static StepResult<Materialized> success(int snapshot, List<CheckVerdict> checks) {
        var end = Instant.parse("2026-01-02T03:00:00Z");
        return StepResult.succeeded(
                "materialize",
                "done",
                new Materialized(
                        snapshot,
                        "s3://tatara/features/shop/activity/snapshots/%08d.json".formatted(snapshot),
                        "ab".repeat(32),
                        "cd".repeat(32),
                        100L * snapshot,
                        10L,
                        120,
                        100,
                        end.minusSeconds(60),
                        end,
                        60L,
                        checks,
                        false,
                        null,
                        null));
    }

    void fail(String reason, String message) {
        steps.endWith(namespace, VIEW, StepResult.failed("materialize", reason, message));
    }

    void mend() {
        steps.mend(namespace, VIEW);
    }

    List<String> started() {
        return steps.startedIn(namespace);
    }

    Resource<FeatureView> view() {
        return api.client().resources(FeatureView.class).inNamespace(namespace).withName(VIEW);
    }

    FeatureViewStatus status() {
        var status = view().get().getStatus();
        return status == null ? FeatureViewStatus.EMPTY : status;
    }

    Condition condition(String type) {
        return condition(type, status().conditions());
    }

    List<Job> jobs() {
        return selected(Job.class, MaterializationJob.SELECTOR);
    }

    List<ConfigMap> definitions() {
        return selected(ConfigMap.class, MaterializationJob.SELECTOR);
    }

    void awaitPhase(Phase phase) {
        await().atMost(LIMIT)
                .untilAsserted(() ->
                        assertThat(status().phase()).as("phase in %s", status()).isEqualTo(phase));
    }

    void awaitSnapshot(int number) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(status().snapshot())
                .as("snapshot in %s", status())
                .isNotNull()
                .satisfies(snapshot -> assertThat(snapshot.number()).isEqualTo(number)));
    }
}
