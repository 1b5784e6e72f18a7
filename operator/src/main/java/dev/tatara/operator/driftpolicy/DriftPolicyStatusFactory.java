package dev.tatara.operator.driftpolicy;

import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.common.StepOutcome;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Cause;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Phase;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Verdict;
import dev.tatara.api.v1alpha1.driftpolicy.EvaluationProgress;
import dev.tatara.operator.driftpolicy.plan.Activity;
import dev.tatara.operator.driftpolicy.plan.Annotations;
import dev.tatara.operator.driftpolicy.plan.Decision;
import dev.tatara.operator.kubernetes.AnnotationValues;
import dev.tatara.operator.kubernetes.ConditionSet;
import dev.tatara.operator.steps.Words;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tells a decision as the status of a policy. Pure: the same decision upon the same status gives an equal status. Alerts
 * are left out: they belong to who receives them.
 */
final class DriftPolicyStatusFactory {
    static final String READY = "Ready";
    static final String HEALTHY = "Healthy";
    static final String ACCEPTED = "Accepted";
    static final String PROGRESSING = "Progressing";
    static final String NO_CONSUMER = "NoConsumer";
    static final String STALLED = "Stalled";

    private final DriftPolicy policy;
    private final Decision decision;
    private final EvaluationProgress progress;
    private final ConditionSet conditions;

    private DriftPolicyStatusFactory(DriftPolicy policy, Decision decision, Instant now) {
        var before = policy.getStatus() == null ? DriftPolicyStatus.EMPTY : policy.getStatus();
        this.policy = policy;
        this.decision = decision;
        this.progress = decision.progress();
        this.conditions =
                new ConditionSet(before.conditions(), policy.getMetadata().getGeneration(), now);
    }

    static DriftPolicyStatus create(DriftPolicy policy, Decision decision, Instant now) {
        return new DriftPolicyStatusFactory(policy, decision, now).create();
    }

    private DriftPolicyStatus create() {
        return new DriftPolicyStatus(
                policy.getMetadata().getGeneration(),
                phase(),
                progress,
                decision.nextEvaluationTime(),
                decision.lastEvaluation(),
                decision.causes().stream().mapToInt(Cause::breached).max().orElse(0),
                decision.causes(),
                decision.actions(),
                decision.triggers(),
                decision.newRows(),
                null,
                null,
                decision.reportUrl(),
                decision.handled(),
                conditions());
    }

    private Phase phase() {
        if (isSuspended()) {
            return Phase.Suspended;
        }
        if (decision.activity() instanceof Activity.Refused) {
            return Phase.Failed;
        }
        if (decision.isDue()) {
            return Phase.Breached;
        }
        if (isInTrouble()) {
            return Phase.Failed;
        }
        if (decision.activity() instanceof Activity.Awaiting
                || (decision.lastEvaluation() == null && !(decision.activity() instanceof Activity.Idle))) {
            return Phase.Pending;
        }
        if (is(Verdict.Breached, Verdict.Warning)) {
            return Phase.Drifting;
        }
        if (is(Verdict.InsufficientData, Verdict.Error)) {
            return Phase.InsufficientData;
        }
        return decision.causes().isEmpty() ? Phase.Pending : Phase.Healthy;
    }

    private List<Condition> conditions() {
        ready();
        healthy();
        accepted();
        progressing();
        if (!decision.unheard().isEmpty()) {
            conditions.isTrue(NO_CONSUMER, "NoConsumer", String.join("; ", decision.unheard()));
        }
        stalled();
        return conditions.toList();
    }

    /** Whether the policy does its work: whether what it says of its service is up to date. */
    private void ready() {
        var last = decision.lastEvaluation();
        switch (decision.activity()) {
            case Activity.Refused refused -> conditions.isFalse(READY, refused.reason(), refused.message());
            case Activity.Awaiting awaiting -> conditions.isFalse(READY, awaiting.reason(), awaiting.message());
            case Activity.Running running
            when running.isHeldUp() && last == null -> conditions.isFalse(READY, running.reason(), running.message());
            case Activity _
            when isInTrouble() ->
                conditions.isFalse(
                        READY,
                        progress.lastReason(),
                        Words.sentence(progress.lastMessage())
                                + (last == null ? "" : "The last verdict is that of " + last.at()));
            case Activity _
            when last != null ->
                conditions.isTrue(
                        READY,
                        "Evaluated",
                        "evaluation " + last.number() + " judged " + last.samples() + " rows up to " + last.at());
            case Activity.Suspended _ -> conditions.isFalse(READY, "Suspended", suspended());
            case Activity.Idle _
            when decision.nextEvaluationTime() == null ->
                conditions.isTrue(READY, "Watching", "there is nothing to evaluate");
            case Activity _ -> conditions.isFalse(READY, "NotEvaluated", "the first evaluation hasn't ended yet");
        }
    }

    private void healthy() {
        if (is(Verdict.Breached)) {
            conditions.isFalse(HEALTHY, "Breached", words(Verdict.Breached));
        } else if (is(Verdict.Warning)) {
            conditions.isTrue(HEALTHY, "Warning", words(Verdict.Warning));
        } else if (is(Verdict.Good)) {
            conditions.isTrue(HEALTHY, "Healthy", words(Verdict.Good));
        } else if (!decision.causes().isEmpty()) {
            conditions.isUnknown(HEALTHY, "InsufficientData", words(Verdict.InsufficientData, Verdict.Error));
        } else {
            conditions.isUnknown(HEALTHY, "NotEvaluated", "nothing has been judged yet");
        }
    }

    private void accepted() {
        if (decision.activity() instanceof Activity.Refused refused) {
            conditions.isFalse(ACCEPTED, refused.reason(), refused.message());
        } else {
            conditions.isTrue(ACCEPTED, "Accepted", decision.withoutEffect());
        }
    }

    private void progressing() {
        switch (decision.activity()) {
            case Activity.Running running -> conditions.isTrue(PROGRESSING, running.reason(), running.message());
            case Activity.Waiting waiting ->
                conditions.isTrue(
                        PROGRESSING,
                        progress.lastReason(),
                        Words.sentence(progress.lastMessage()) + "Attempt " + (progress.attempt() + 1) + " starts at "
                                + waiting.until() + ", or another evaluation at once with " + evaluateCommand());
            case Activity.Awaiting awaiting -> conditions.isFalse(PROGRESSING, awaiting.reason(), awaiting.message());
            case Activity.Suspended _ -> conditions.isFalse(PROGRESSING, "Suspended", suspended());
            case Activity.Refused refused -> conditions.isFalse(PROGRESSING, refused.reason(), refused.message());
            case Activity.Idle _ -> conditions.isFalse(PROGRESSING, "Idle", "no evaluation is under way");
        }
    }

    /** Only a person can help: kstatus and Flux give up waiting. */
    private void stalled() {
        if (decision.activity() instanceof Activity.Refused refused) {
            conditions.isTrue(STALLED, refused.reason(), refused.message());
        } else if (isInTrouble() && progress.lastOutcome() == StepOutcome.Rejected) {
            conditions.isTrue(
                    STALLED,
                    progress.lastReason(),
                    Words.sentence(progress.lastMessage())
                            + "When that is put right, it is evaluated again in time, or at once with "
                            + evaluateCommand());
        }
    }

    /** Whether the last attempt that ended came to no verdict. */
    private boolean isInTrouble() {
        return progress != null && progress.hasFailed();
    }

    private boolean isSuspended() {
        return Boolean.TRUE.equals(policy.getSpec().suspend());
    }

    private boolean is(Verdict... verdicts) {
        return decision.causes().stream().anyMatch(cause -> Set.of(verdicts).contains(cause.verdict()));
    }

    private String words(Verdict... verdicts) {
        return decision.causes().stream()
                .filter(cause -> Set.of(verdicts).contains(cause.verdict()))
                .map(cause -> cause.breach() + ": " + cause.reason())
                .collect(Collectors.joining("; "));
    }

    private String evaluateCommand() {
        return AnnotationValues.command("drift", policy, Annotations.EVALUATE);
    }

    private static String suspended() {
        return "spec.suspend holds everything; set it to false to go on";
    }
}
