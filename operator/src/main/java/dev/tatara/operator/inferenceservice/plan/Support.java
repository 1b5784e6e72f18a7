package dev.tatara.operator.inferenceservice.plan;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceSpec;
import dev.tatara.api.v1alpha1.rollout.Rollout.Strategy;
import dev.tatara.operator.inferenceservice.rollout.Stages;
import java.time.Duration;
import java.util.Optional;

/**
 * What of the API this version of the operator can honour. The schema is ahead of the operator, so that it needn't
 * change under users; what can't be honoured is refused, never silently ignored.
 */
public final class Support {
    private static final Duration SHORTEST_PANE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PANE = Duration.ofHours(1);
    private static final Duration SHORTEST_LOOKUP = Duration.ofMillis(1);
    private static final Duration LONGEST_LOOKUP = Duration.ofSeconds(30);

    private Support() {}

    /** What would be served or routed otherwise than asked, so that it must not be rolled out at all. */
    public static Optional<Refusal> refusal(InferenceServiceSpec spec) {
        if (Stages.strategyOf(spec.rollout()) == Strategy.ABTest
                && (spec.monitoring() == null
                        || !Boolean.TRUE.equals(spec.monitoring().ledger()))) {
            return Optional.of(new Refusal(
                    Refusal.LEDGER_NEEDED,
                    "spec.rollout.strategy ABTest counts the people whom the pods' ledgers name: set"
                            + " spec.monitoring.ledger to true, or take another strategy"));
        }
        if (spec.features() != null && spec.features().timeout() != null) {
            var timeout = spec.features().timeout().toDuration();
            if (timeout.compareTo(SHORTEST_LOOKUP) < 0 || timeout.compareTo(LONGEST_LOOKUP) > 0) {
                return Optional.of(new Refusal(
                        Refusal.NOT_SUPPORTED,
                        "spec.features.timeout is " + spec.features().timeout() + "; pods take 1ms to 30s"));
            }
        }
        if (spec.monitoring() != null && spec.monitoring().pane() != null) {
            var pane = spec.monitoring().pane().toDuration();
            if (pane.compareTo(SHORTEST_PANE) < 0 || pane.compareTo(LONGEST_PANE) > 0) {
                return Optional.of(new Refusal(
                        Refusal.NOT_SUPPORTED,
                        "spec.monitoring.pane is " + spec.monitoring().pane() + "; pods take 1s to 1h"));
            }
        }
        return Optional.empty();
    }

    /** Why a rollout can't begin from the revision that serves, whose pods are as they were rendered; empty if it can. */
    public static Optional<Refusal> refusal(Observed observed, Revision asked) {
        var rollout = observed.service().getSpec().rollout();
        var stable = observed.selectedRevision().map(observed.revisions()::get);
        return stable.filter(serving ->
                        !Stages.of(rollout).getFirst().atOnce() && asked.dividesTraffic() && !serving.dividesTraffic())
                .map(serving -> new Refusal(
                        Refusal.NOT_SUPPORTED,
                        "the pods of revision " + serving.id()
                                + ", which serves, were made by an earlier version of the"
                                + " operator and don't divide traffic; set spec.runtime.upgrade: Automatic to have them"
                                + " made anew, or roll this change out by RollingUpdate"))
                .or(() -> stable.filter(
                                serving -> Stages.strategyOf(rollout) == Strategy.ABTest && !serving.keepsLedger())
                        .map(serving -> new Refusal(
                                Refusal.LEDGER_NEEDED,
                                "the pods of revision " + serving.id()
                                        + ", which serves, keep no ledger, and an experiment counts the people whom the"
                                        + " ledgers of both sides name; roll spec.monitoring.ledger: true out by"
                                        + " RollingUpdate first")));
    }
}
