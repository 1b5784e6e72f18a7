package dev.tatara.operator.inferenceservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Outcome;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Phase;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.operator.testing.MortalClient;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Duration;
import java.util.HashSet;
import org.junit.jupiter.api.Test;

/** Rollouts step by step on a real API server; the pods and what they answer are played. */
class RolloutIT extends InferenceServiceScene {
    private static final String CANARY = "model: {follow: {model: churn, stage: Production}}, replicas: 4,"
            + " rollout: {scaleDownDelay: 1s, strategy: Canary, %s canary: {steps: [%s]}}";
    private static final String STEPS =
            "{name: taste, weight: 5, hold: 1s}, {name: half, weight: 50}, {name: all, weight: 100}";

    @Test
    void aCanaryGoesUpStepByStepAndTakesOver() {
        start(MortalClient.immortal(api));
        serveFirst(CANARY.formatted("", STEPS));
        var first = status().stable().revision();

        ready(version(2));
        awaitServed("churn-2");

        var second = status().stable().revision();
        assertThat(traffic.weightsOf(second).stream().distinct()).containsExactly(0, 5, 50, 100);
        assertThat(traffic.weightsOf(second)).isSorted();
        awaitEvents("churn", "RolloutStarted", "TrafficShifted", "StepStarted", "Promoted");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(owned(Deployment.class))
                .singleElement()
                .satisfies(deployment ->
                        assertThat(deployment.getSpec().getReplicas()).isEqualTo(4)));
        assertThat(traffic.weightsOf(first).getLast()).isZero();
    }

    @Test
    void aCandidateThatFailsACheckIsRejectedAndItsTrafficGoesBack() {
        start(MortalClient.immortal(api));
        serveFirst(
                CANARY.formatted("analysis: {interval: 1s, checks: [{name: errors, errorRate: {max: 0.01}}]},", STEPS));
        judge.find(new CheckResult("errors", 0.0, 0.2, 900, Verdict.Failed, "20 % of 900 requests failed"));

        ready(version(2));
        await().atMost(LIMIT).until(() -> status().phase() == Phase.RolledBack);

        var status = status();
        assertThat(status.stable().modelVersion()).isEqualTo("churn-1");
        assertThat(status.candidate()).isNull();
        assertThat(status.rejected()).singleElement().satisfies(rejection -> {
            assertThat(rejection.modelVersion()).isEqualTo("churn-2");
            assertThat(rejection.quarantine()).isTrue();
            assertThat(rejection.reason()).isEqualTo("check errors failed: 20 % of 900 requests failed");
        });
        assertThat(status.history().getFirst().outcome()).isEqualTo(Outcome.End.RolledBack);
        var rejected = status.rejected().getFirst().revision();
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(traffic.routings().getLast().reaches(rejected))
                        .isFalse());
        awaitEvents("churn", "RolledBack");

        // An edit that has nothing to do with it doesn't bring it back.
        apply(CANARY.formatted("stepTimeout: 7m,", STEPS));
        awaitQuiet();
        assertThat(status().phase()).isEqualTo(Phase.RolledBack);
        assertThat(traffic.routings().getLast().reaches(rejected)).isFalse();
    }

    @Test
    void peopleActByAnnotations() {
        start(MortalClient.immortal(api));
        serveFirst(CANARY.formatted("", "{name: some, weight: 20, manual: true}, {name: all, weight: 100}"));
        ready(version(2));
        await().atMost(LIMIT)
                .until(() -> status().rollout() != null && status().rollout().heldSince() != null);
        var candidate = status().candidate().revision();

        annotate("promote", "0123456789");
        awaitEvents("churn", "OrderRefused");
        annotate("abort", candidate);
        await().atMost(LIMIT).until(() -> status().phase() == Phase.RolledBack);
        assertThat(status().history().getFirst().outcome()).isEqualTo(Outcome.End.Aborted);
        assertThat(status().rejected()).singleElement().satisfies(rejection -> assertThat(rejection.quarantine())
                .isFalse());
        annotate("retry", candidate);
        await().atMost(LIMIT)
                .until(() -> status().rollout() != null && status().rollout().heldSince() != null);
        annotate("promote", candidate);
        awaitServed("churn-2");
        assertThat(status().rejected()).isEmpty();
    }

    @Test
    void anExperimentIsRefusedUntilBothSidesKeepLedgers() {
        var service = "model: {follow: {model: churn, stage: Production}}, replicas: 1,";
        var test =
                service + " rollout: {strategy: ABTest, abTest: {sticky: {header: x-user}, metric: {name: sold, kind:"
                        + " Proportion}, baselineRate: 0.1, minimumEffect: 0.01}}";
        start(MortalClient.immortal(api));
        serveFirst(service);
        apply(test);
        awaitCondition("Accepted", "False", "LedgerNeeded");
        assertThat(message("Accepted")).contains("set spec.monitoring.ledger to true");
        var recorded = ", monitoring: {ledger: true}";
        apply(test + recorded);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(message("Accepted"))
                .contains(status().stable().revision(), "keep no ledger", "by RollingUpdate first"));
        ready(version(2));
        awaitQuiet();
        assertThat(status().rollout()).isNull();
        assertThat(owned(Deployment.class)).hasSize(1);

        apply(service + recorded.substring(1));
        awaitServed("churn-2");
        apply(test + recorded);
        awaitCondition("Accepted", "True", "Accepted");
        ready(version(3));
        await().atMost(LIMIT)
                .until(() -> status().rollout() != null && status().rollout().heldSince() != null);
        assertThat(traffic.weightsOf(status().candidate().revision())).endsWith(50);
    }

    @Test
    void anOperatorKilledAfterAnyWriteGoesOnWhereItWas() {
        start(MortalClient.immortal(api));
        serveFirst(CANARY.formatted("", STEPS));
        awaitQuiet();
        var before = client.written().size();
        ready(version(2));
        awaitServed("churn-2");
        awaitQuiet();
        var writes = client.written().size() - before;

        for (int lifetime = 0; lifetime < writes; lifetime++) {
            kill();
            makeNamespace();
            start(MortalClient.immortal(api));
            serveFirst(CANARY.formatted("", STEPS));
            kill();
            traffic.forget();
            ready(version(2));
            var mortal = MortalClient.dyingAfter(api, lifetime);
            start(mortal);
            await().atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> mortal.isDead() || isServed("churn-2"));
            kill();
            start(MortalClient.immortal(api));
            awaitServed("churn-2");

            var status = status();
            assertThat(traffic.weightsOf(status.stable().revision()))
                    .as("killed after %d of %d writes", lifetime, writes)
                    .isSorted();
            assertThat(new HashSet<>(traffic.weightsOf(status.stable().revision())))
                    .contains(5, 50, 100);
            assertThat(status.history().stream().map(outcome -> outcome.modelVersion() + " " + outcome.outcome()))
                    .containsExactly("churn-2 Promoted", "churn-1 Promoted");
            assertThat(status.rollout()).isNull();
        }
    }

    private void serveFirst(String specification) {
        ready(version(1));
        apply(specification);
        awaitServed("churn-1");
    }
}
