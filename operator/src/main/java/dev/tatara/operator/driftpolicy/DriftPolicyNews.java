package dev.tatara.operator.driftpolicy;

import dev.tatara.api.v1alpha1.common.ConditionStatus;
import dev.tatara.api.v1alpha1.common.StepOutcome;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.ActionStatus;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Cause;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger.Effect;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger.State;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Verdict;
import dev.tatara.operator.driftpolicy.plan.Activity;
import dev.tatara.operator.driftpolicy.plan.Decision;
import dev.tatara.operator.kubernetes.News;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What is new between two statuses of a policy, as events. Nothing is told twice of a state that stays. */
final class DriftPolicyNews {
    private final DriftPolicyStatus before;
    private final DriftPolicyStatus after;
    private final News<DriftPolicyEvent> news;

    private DriftPolicyNews(DriftPolicyStatus before, DriftPolicyStatus after) {
        this.before = before;
        this.after = after;
        news = new News<>(before.conditions(), after.conditions());
    }

    static List<News.Notice<DriftPolicyEvent>> between(
            DriftPolicyStatus before, DriftPolicyStatus after, Decision decision) {
        var between = new DriftPolicyNews(before == null ? DriftPolicyStatus.EMPTY : before, after);
        between.tell(decision);
        return between.news.toList();
    }

    private void tell(Decision decision) {
        tellOfEvaluation(decision.activity());
        after.causes().forEach(this::tell);
        after.triggers().forEach(this::tell);
        after.actions().forEach(this::tell);
        if (decision.unknownApproval() != null) {
            news.add(
                    DriftPolicyEvent.ApprovalUnknown,
                    "approves " + decision.unknownApproval()
                            + ", and there is no such trigger; status.triggers has those that wait",
                    after.handled().approve());
        }
        tellConditions();
    }

    private void tellOfEvaluation(Activity activity) {
        var was = before.evaluation();
        var is = after.evaluation();
        var hasEnded = is != null
                && is.finishedAt() != null
                && (was == null
                        || was.finishedAt() == null
                        || !Objects.equals(was.number(), is.number())
                        || !Objects.equals(was.attempt(), is.attempt()));
        // That it fails again for the same reason is no news.
        if (hasEnded
                && is.lastOutcome() != StepOutcome.Succeeded
                && (was == null || !Objects.equals(is.lastReason(), was.lastReason()))) {
            news.add(
                    DriftPolicyEvent.EvaluationFailed,
                    is.lastReason() + ": " + is.lastMessage(),
                    "evaluation " + is.number() + ", attempt " + is.attempt());
        }
        if (activity instanceof Activity.Running running && running.isHeldUp()) {
            news.changed(DriftPolicyStatusFactory.PROGRESSING)
                    .ifPresent(condition -> news.add(
                            DriftPolicyEvent.EvaluationHeldUp,
                            condition.reason() + ": " + condition.message(),
                            is == null ? "" : "evaluation " + is.number()));
        }
    }

    private void tell(Cause is) {
        var was = before.causes().stream()
                .filter(cause -> cause.breach() == is.breach())
                .findFirst();
        var wasBreached = was.map(Cause::breached).orElse(0) > 0;
        var occasion = is.breach() + " since " + is.since();
        if (is.verdict() == Verdict.Breached && !wasBreached) {
            news.add(DriftPolicyEvent.Breached, is.breach() + ": " + is.reason(), occasion);
        } else if (wasBreached && is.breached() == 0 && is.passed() > 0) {
            news.add(DriftPolicyEvent.Recovered, is.breach() + ": " + is.reason(), occasion);
        }
    }

    private void tell(Trigger is) {
        var was = before.triggers().stream()
                .filter(trigger -> Objects.equals(trigger.id(), is.id()))
                .findFirst();
        if (was.isEmpty()) {
            news.add(
                    is.state() == State.AwaitingApproval
                            ? DriftPolicyEvent.ApprovalAwaited
                            : DriftPolicyEvent.Triggered,
                    words(is, is.reason()),
                    is.id());
        }
        if (was.map(Trigger::state).orElse(is.state()) != is.state()) {
            switch (is.state()) {
                case Pending -> news.add(DriftPolicyEvent.Approved, words(is, "approved"), is.id());
                case Handled -> news.add(DriftPolicyEvent.TriggerHandled, words(is, is.message()), is.id());
                case Withdrawn -> news.add(DriftPolicyEvent.TriggerWithdrawn, words(is, is.message()), is.id());
                case AwaitingApproval -> {}
            }
        }
        if (is.effect() == Effect.Helped && was.map(Trigger::effect).orElse(null) != Effect.Helped) {
            news.add(DriftPolicyEvent.ActionHelped, words(is, is.message()), is.id());
        }
    }

    private void tell(ActionStatus is) {
        var was = before.actions().stream()
                .filter(action -> action.name().equals(is.name()))
                .findFirst()
                .map(ActionStatus::ineffective)
                .orElse(null);
        if (is.ineffective() != null && is.ineffective() > (was == null ? 0 : was)) {
            var why = Optional.of(after.triggers())
                    .flatMap(triggers -> triggers.stream()
                            .filter(trigger -> trigger.action().equals(is.name()))
                            .findFirst())
                    .filter(trigger -> trigger.effect() == Effect.NotHelped)
                    .map(trigger -> ": " + trigger.message())
                    .orElse(": it is breached still or again");
            news.add(
                    DriftPolicyEvent.ActionDidNotHelp,
                    "action " + is.name() + " didn't help" + why + "; its cooldown doubles (" + is.ineffective()
                            + " in a row)",
                    is.name() + " " + is.taken() + " " + is.ineffective());
        }
    }

    private void tellConditions() {
        news.changed(DriftPolicyStatusFactory.ACCEPTED)
                .filter(condition -> condition.status() == ConditionStatus.False)
                .ifPresent(condition -> news.add(
                        DriftPolicyEvent.NotAccepted, condition.reason() + ": " + condition.message(), generation()));
        news.changed(DriftPolicyStatusFactory.NO_CONSUMER)
                .ifPresent(condition -> news.add(DriftPolicyEvent.NoConsumer, condition.message(), generation()));
    }

    private static String words(Trigger trigger, String what) {
        return trigger.action() + " (" + trigger.id() + "): " + what;
    }

    private String generation() {
        return "generation " + after.observedGeneration();
    }
}
