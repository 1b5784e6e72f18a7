package dev.tatara.operator.driftpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Phase;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger.State;
import dev.tatara.contracts.DriftEvaluated.Breach;
import dev.tatara.contracts.DriftEvaluated.Judgement;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.driftpolicy.plan.Annotations;
import dev.tatara.operator.driftpolicy.plan.EvaluationJob;
import dev.tatara.operator.driftpolicy.plan.NotificationJob;
import dev.tatara.operator.testing.MortalClient;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.search.MeterNotFoundException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The reconciler against a real API server; {@code StepJobs} plays the Job controller and the kubelet. */
class DriftPolicyReconcilerIT extends DriftPolicyScene {
    private static final String[] RETRAIN = {
        "window: {every: 5s}",
        "data: {share: 0.3}",
        "consecutiveBreaches: 2",
        "actions: [{name: retrain, when: [DataDrift], then: Retrain}]"
    };

    @Test
    void breachesAreCountedUntilAPersonIsAskedAndARunAnswers() {
        serve(1);
        train("{phase: Idle}");
        start(MortalClient.immortal(api));
        apply(RETRAIN);
        awaitPhase(Phase.Healthy);
        assertThat(condition("Ready").reason()).isEqualTo("Evaluated");
        assertThat(status().lastEvaluation().samples()).isEqualTo(5000);
        assertThat(maps()).singleElement().satisfies(map -> {
            assertThat(map.getImmutable()).isTrue();
            assertThat(map.getData().get("policy.yaml")).contains("share: 0.3").doesNotContain("actions");
        });
        assertThat(arguments())
                .containsSequence("--revision", "rev1")
                .containsSequence("--baseline", "s3://m/1/profile.json");

        judge(Judgement.Breached);
        awaitTrigger("retrain", State.AwaitingApproval);
        var trigger = trigger("retrain").orElseThrow();
        assertThat(trigger.reason()).startsWith("DataDrift (2 evaluations in a row): ");
        assertThat(status().phase()).isEqualTo(Phase.Breached);
        assertThat(condition("Healthy").holds()).isFalse();

        annotate(Annotations.APPROVE, trigger.id());
        awaitTrigger("retrain", State.Pending);
        train("{phase: Running, latestRun: 1, activeRun: 1, runs: [{number: 1, phase: Training}],"
                + " handled: {triggers: {churn/retrain: " + trigger.id() + "}}}");
        awaitTrigger("retrain", State.Handled);
        assertThat(trigger("retrain").orElseThrow().runs()).containsExactly("churn/1");

        train("{phase: Failed, latestRun: 1, runs: [{number: 1, phase: GatesFailed, message: 'accuracy is 0.8',"
                + " finishedAt: '2026-01-01T00:00:00Z'}], handled: {triggers: {churn/retrain: " + trigger.id() + "}}}");
        await().atMost(LIMIT).until(() -> Integer.valueOf(1)
                .equals(status().actions().getFirst().ineffective()));
        assertThat(trigger("retrain").orElseThrow().id())
                .as("nothing new within the cooldown")
                .isEqualTo(trigger.id());
        awaitEvents(POLICY, "Breached", "ApprovalAwaited", "Approved", "TriggerHandled", "ActionDidNotHelp");

        judge(Judgement.Good);
        await().atMost(LIMIT).until(() -> status().actions().getFirst().ineffective() == null);
        awaitEvents(POLICY, "Recovered");
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(jobs()).as("Jobs that are kept").hasSizeLessThanOrEqualTo(3));
    }

    @Test
    void anAlertIsActedUponAtOnceAndStaysTheWebhooksOwn() {
        serve(1);
        train("{phase: Idle}");
        start(MortalClient.immortal(api));
        apply(
                "alerts: {matchLabels: {alertname: HighModelDrift}}",
                "actions: [{name: retrain, when: [Alert], then: Retrain, approval: Automatic}]");
        awaitPhase(Phase.Healthy);
        alert("""
                [{"fingerprint": "f1", "alertname": "HighModelDrift", "startsAt": "2026-01-01T00:00:00Z", "status": "firing"}]
                """, 1);
        awaitTrigger("retrain", State.Pending);
        assertThat(status().alerts()).as("our writes leave alerts alone").hasSize(1);

        alert("[]", 0);
        await().atMost(LIMIT).until(() -> condition("Healthy").holds());
        assertThat(trigger("retrain").map(Trigger::state))
                .as("what was asked for stays asked for")
                .hasValue(State.Pending);
        awaitQuiet();
        assertThat(started()).as("alerts take no evaluation").isEmpty();
    }

    @Test
    void receiversAreToldAndWhoIsAwayIsTriedAgain() {
        serve(1);
        steps.endWith(
                namespace,
                NotificationJob.CONTAINER,
                StepResult.failed("notify", "ReceiverUnavailable", "hooks.example.com answered 503"));
        judge(Judgement.Breached);
        start(MortalClient.immortal(api));
        apply(
                "window: {every: 1h}",
                "data: {share: 0.3}",
                "actions: [{name: tell, when: [DataDrift], then: Notify, consecutiveBreaches: 1}]",
                "notify: [{name: team, type: Slack, urlSecretRef: {name: slack}}]");
        await().atMost(LIMIT)
                .until(() -> started().stream()
                                .filter(name -> name.contains("-notify-"))
                                .count()
                        >= 2);
        assertThat(trigger("tell").map(Trigger::state)).hasValue(State.Pending);
        steps.mend(namespace, NotificationJob.CONTAINER);
        awaitTrigger("tell", State.Handled);
        assertThat(trigger("tell").orElseThrow().message()).isEqualTo("told team");
        var pod = jobs().stream()
                .filter(job -> EvaluationJob.numberOf(job) == 0)
                .findFirst()
                .orElseThrow()
                .getSpec()
                .getTemplate()
                .getSpec();
        assertThat(pod.getVolumes()).anySatisfy(volume -> assertThat(
                        volume.getSecret() == null ? null : volume.getSecret().getSecretName())
                .isEqualTo("slack"));
        assertThat(pod.getContainers().getFirst().getArgs())
                .containsSequence("--id", trigger("tell").orElseThrow().id());
    }

    @Test
    void aRollbackIsAskedForWhileAPromotionIsFresh() {
        serve(2);
        judge(Map.of(Breach.ServiceLevel, Judgement.Breached));
        start(MortalClient.immortal(api));
        apply(
                "window: {every: 1h}",
                "service: {errorRate: 0.01}",
                "actions: [{name: roll-back, when: [ServiceLevel], then: Rollback, consecutiveBreaches: 1}]");
        awaitTrigger("roll-back", State.Pending);
        assertThat(trigger("roll-back").orElseThrow().revision()).isEqualTo("rev2");
    }

    @Test
    void whatFailsIsRepeatedAndCountsForNothing() {
        serve(1);
        steps.endWith(
                namespace,
                EvaluationJob.CONTAINER,
                StepResult.failed("drift", "StoreUnavailable", "s3://tatara answers 503"));
        start(MortalClient.immortal(api));
        apply("window: {every: 1h}", "data: {share: 0.3}");
        await().atMost(LIMIT)
                .until(() ->
                        status().evaluation() != null && status().evaluation().attempt() >= 2);
        assertThat(condition("Ready").message()).contains("s3://tatara answers 503");
        assertThat(status().causes()).isEmpty();
        steps.mend(namespace, EvaluationJob.CONTAINER);
        awaitPhase(Phase.Healthy);
        assertThat(status().evaluation().number()).isEqualTo(1);

        annotate(Annotations.EVALUATE, "now");
        await().atMost(LIMIT).until(() -> status().lastEvaluation().number() == 2);
        assertThat(status().handled().evaluate()).isEqualTo("now");
    }

    @Test
    void nothingIsEvaluatedWithoutAServiceOrWhileSuspended() {
        start(MortalClient.immortal(api));
        apply("window: {every: 5s}", "data: {share: 0.3}");
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(condition("Ready").reason()).isEqualTo("ServiceNotFound"));
        apply("window: {every: 5s}", "data: {share: 0.3}", "suspend: true");
        awaitPhase(Phase.Suspended);
        serve(1);
        awaitQuiet();
        assertThat(started()).isEmpty();
        apply("window: {every: 5s}", "data: {share: 0.3}", "suspend: false");
        awaitPhase(Phase.Healthy);
    }

    @Test
    void metricsFollowAPolicyAndGoWithIt() {
        serve(1);
        judge(Judgement.Breached);
        start(MortalClient.immortal(api));
        apply("window: {every: 1h}", "data: {share: 0.3}", "performance: [{metric: accuracy, min: 0.9}]");
        await().atMost(LIMIT)
                .ignoreExceptionsInstanceOf(MeterNotFoundException.class)
                .untilAsserted(() -> {
                    assertThat(gauge("model.drift.score").value()).isEqualTo(0.4);
                    assertThat(gauge("data.drift.score").value()).isEqualTo(0.31);
                    assertThat(gauge("model.accuracy").value()).isEqualTo(0.93);
                    assertThat(gauge("tatara.drift.breaches").value()).isEqualTo(1);
                });
        assertThat(gauge("data.drift.score").getId().getTag("feature_name")).isEqualTo("spend_30d");

        policy().delete();
        await().atMost(LIMIT).until(() -> metrics.getMeters().isEmpty());
    }

    private Gauge gauge(String name) {
        return metrics.get(name).tag("namespace", namespace).tag("name", POLICY).gauge();
    }

    private List<String> arguments() {
        return argumentsOf(jobs().stream()
                .filter(job -> EvaluationJob.numberOf(job) == 1)
                .findFirst()
                .orElseThrow());
    }
}
