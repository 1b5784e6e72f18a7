package dev.tatara.operator.featureview;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus.Phase;
import dev.tatara.contracts.CheckVerdict;
import dev.tatara.contracts.Materialized;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.featureview.plan.Annotations;
import dev.tatara.operator.testing.MortalClient;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.micrometer.core.instrument.Gauge;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The reconciler against a real API server; {@code StepJobs} plays the Job controller and the kubelet. */
class FeatureViewReconcilerIT extends FeatureViewScene {
    private static final String RAW = "s3://raw/activity/*.parquet";

    @Test
    void aViewIsMaterializedAtOnceWhenAskedForAndWhenItsDefinitionChanges() {
        start(MortalClient.immortal(api));
        apply(RAW, "materialization: {schedule: {cron: '0 0 1 1 *'}}");
        awaitPhase(Phase.Ready);
        assertThat(status().rows()).isEqualTo(100);
        assertThat(status().entitiesCount()).isEqualTo(10);
        assertThat(status().featuresCount()).isEqualTo(1);
        assertThat(status().freshness().text()).isEqualTo("1m");
        assertThat(status().nextScheduleTime()).isAfter(java.time.Instant.now());
        assertThat(condition("Ready").message()).startsWith("snapshot 1 has 100 rows");
        assertThat(started()).containsExactly("activity-materialize-1-1");
        awaitEvents(VIEW, "MaterializationStarted", "Materialized");

        annotate(Annotations.MATERIALIZE, "now");
        awaitSnapshot(2);
        assertThat(status().handled().materialize()).isEqualTo("now");

        annotate(Annotations.BACKFILL, "2025-01-01/2025-02-01");
        awaitSnapshot(3);
        assertThat(arguments())
                .containsSequence("--start", "2025-01-01T00:00:00Z")
                .doesNotContain("--full");

        var definition = definitions().getFirst();
        assertThat(definition.getImmutable()).isTrue();
        apply("s3://raw/other/*.parquet", "description: other rows");
        awaitSnapshot(4);
        assertThat(arguments()).contains("--full");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(definitions())
                .singleElement()
                .satisfies(map -> assertThat(map.getData().get("view.yaml")).contains("s3://raw/other/")));
        awaitQuiet();
        assertThat(started())
                .containsExactly(
                        "activity-materialize-1-1",
                        "activity-materialize-2-1",
                        "activity-materialize-3-1",
                        "activity-materialize-4-1");
        assertThat(jobs()).hasSize(1);
    }

    @Test
    void theScheduleAsksAgainAndAgain() {
        start(MortalClient.immortal(api));
        apply(RAW, "materialization: {schedule: {cron: '* * * * *'}}");
        awaitSnapshot(1);
        await().atMost(Duration.ofSeconds(90)).until(() -> status().snapshot().number() == 2);
        assertThat(status().materialization().trigger().name()).isEqualTo("Schedule");
    }

    @Test
    void whatFailsIsRepeatedUntilItSucceedsAndWhatIsRejectedIsNot() {
        fail("SecretMissing", "Secret raw lacks AWS_ACCESS_KEY_ID; create it");
        start(MortalClient.immortal(api));
        apply(RAW, "");
        awaitPhase(Phase.Pending);
        assertThat(condition("Progressing").message()).contains("Secret raw lacks AWS_ACCESS_KEY_ID");
        await().atMost(LIMIT).until(() -> status().materialization().attempt() >= 2);
        mend();
        awaitPhase(Phase.Ready);
        var end = status().materialization().end();
        assertThat(end).isNotNull();
        assertThat(status().materialization().number()).isEqualTo(1);

        steps.endWith(
                namespace,
                VIEW,
                StepResult.rejected(
                        "materialize",
                        "ChecksFailed",
                        "2 rows break Range of age; nothing was written",
                        new Materialized(
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                120,
                                0,
                                null,
                                null,
                                null,
                                List.of(verdict(CheckVerdict.OnFailure.Block)),
                                false,
                                null,
                                null)));
        annotate(Annotations.MATERIALIZE, "again");
        awaitPhase(Phase.Blocked);
        assertThat(condition("Stalled").reason()).isEqualTo("ChecksFailed");
        assertThat(condition("ChecksPassed").message()).contains("Range of age");
        assertThat(condition("Ready").holds())
                .as("the snapshot of before may be used")
                .isTrue();
        assertThat(status().snapshot().number()).isEqualTo(1);
        var attempts = started().size();
        awaitQuiet();
        assertThat(started()).hasSize(attempts);
        awaitEvents(VIEW, "MaterializationFailed", "Materialized", "MaterializationRejected");

        mend();
        apply(RAW, "description: somebody looked into it");
        awaitPhase(Phase.Ready);
        assertThat(status().conditions())
                .extracting(condition -> condition.type())
                .doesNotContain("Stalled");
    }

    @Test
    void oneAtATimeAndNoneWhileSuspended() {
        steps.pause(namespace, VIEW);
        start(MortalClient.immortal(api));
        apply(RAW, "");
        await().atMost(LIMIT).until(() -> started().size() == 1);
        annotate(Annotations.MATERIALIZE, "meanwhile");
        apply("s3://raw/other/*.parquet", "");
        awaitQuiet();
        assertThat(started()).hasSize(1);
        assertThat(status().phase()).isEqualTo(Phase.Materializing);

        apply("s3://raw/other/*.parquet", "materialization: {suspend: true}");
        steps.resume(namespace, VIEW);
        awaitPhase(Phase.Suspended);
        awaitQuiet();
        assertThat(started()).hasSize(1);

        apply("s3://raw/other/*.parquet", "materialization: {suspend: false}");
        awaitSnapshot(2);
        awaitPhase(Phase.Ready);
        awaitQuiet();
        assertThat(started()).containsExactly("activity-materialize-1-1", "activity-materialize-2-1");
        assertThat(status().handled().materialize()).isEqualTo("meanwhile");
    }

    @Test
    void metricsFollowAViewAndGoWithIt() {
        steps.endWith(namespace, VIEW, success(1, List.of(verdict(CheckVerdict.OnFailure.Alert))));
        start(MortalClient.immortal(api));
        apply(RAW, "");
        awaitPhase(Phase.Ready);
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(gauge("tatara.feature.view.rows").value()).isEqualTo(100);
            assertThat(gauge("tatara.feature.view.age").value()).isGreaterThan(0);
            assertThat(gauge("tatara.feature.check.failed").value()).isEqualTo(1);
        });
        assertThat(gauge("tatara.feature.check.failed").getId().getTag("column"))
                .isEqualTo("age");
        awaitEvents(VIEW, "ChecksFailed");

        view().delete();
        await().atMost(LIMIT).until(() -> metrics.getMeters().isEmpty());
    }

    @Test
    void whatCannotBeHonouredIsSaidAndStartsNothing() {
        start(MortalClient.immortal(api));
        apply(RAW, "materialization: {schedule: {cron: '61 * * * *'}}");
        awaitPhase(Phase.Failed);
        assertThat(condition("Accepted").message()).startsWith("spec.materialization.schedule.cron: '61 * * * *'");
        awaitEvents(VIEW, "NotAccepted");
        awaitQuiet();
        assertThat(started()).isEmpty();

        apply(RAW, "materialization: {schedule: {cron: '1 * * * *'}}");
        awaitPhase(Phase.Ready);
    }

    @Test
    void somebodyElsesJobIsLeftAlone() {
        var theirs = Serialization.unmarshal("""
                apiVersion: batch/v1
                kind: Job
                metadata: {name: activity-materialize-1-1, namespace: %s}
                spec: {template: {spec: {restartPolicy: Never, containers: [{name: theirs, image: theirs}]}}}
                """.formatted(namespace), Job.class);
        api.client().resource(theirs).create();
        start(MortalClient.immortal(api));
        apply(RAW, "");

        await().atMost(LIMIT)
                .untilAsserted(
                        () -> assertThat(condition("Progressing").reason()).isEqualTo("JobNameTaken"));
        awaitQuiet();
        assertThat(api.client().resource(theirs).get().getMetadata().getOwnerReferences())
                .isEmpty();
    }

    private static CheckVerdict verdict(CheckVerdict.OnFailure onFailure) {
        return new CheckVerdict("Range", "age", -3.0, 0.0, CheckVerdict.Verdict.Failed, 2L, onFailure);
    }

    private Gauge gauge(String name) {
        return metrics.get(name).tag("namespace", namespace).tag("name", VIEW).gauge();
    }

    private List<String> arguments() {
        return argumentsOf(jobs().stream()
                .max(Comparator.comparing(job -> job.getMetadata().getName()))
                .orElseThrow());
    }
}
