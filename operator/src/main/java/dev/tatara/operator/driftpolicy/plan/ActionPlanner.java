package dev.tatara.operator.driftpolicy.plan;

import dev.tatara.api.v1alpha1.driftpolicy.Action;
import dev.tatara.api.v1alpha1.driftpolicy.Action.Breach;
import dev.tatara.api.v1alpha1.driftpolicy.Action.Then;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.ActionStatus;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Cause;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger.Effect;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger.State;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.RevisionStatus;
import dev.tatara.operator.inferenceservice.plan.Promotions;
import dev.tatara.operator.kubernetes.Digests;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Decides about one action of a policy: it is asked for by a trigger, which stays the same until it was handled, or
 * until the breach is over and nobody has acted; and then not again within the cooldown, which doubles each time in a row
 * that it didn't help.
 */
final class ActionPlanner {
    private final Observed observed;
    private final Rules rules;
    private final Causes causes;
    private final Consumers consumers;
    private final Effects effects;
    private final boolean mayTrigger;
    private final Instant now;

    private final Action action;
    private Trigger trigger;
    private int taken;
    private int ineffective;
    private Instant cooldownUntil;
    private String message;
    private Instant wakeAt;

    /**
     * How an action stands.
     *
     * @param trigger its last trigger, {@code null} before the first
     * @param wakeAt when to look again, {@code null} if time alone changes nothing
     */
    record Plan(ActionStatus status, Trigger trigger, Instant wakeAt) {}

    /**
     * Looks at one action.
     *
     * @param mayTrigger whether anything new may be asked for
     * @param now in whole seconds
     */
    ActionPlanner(
            Action action,
            Observed observed,
            Causes causes,
            Consumers consumers,
            Effects effects,
            boolean mayTrigger,
            Instant now) {
        this.action = action;
        this.observed = observed;
        this.rules = new Rules(observed.policy().getSpec());
        this.causes = causes;
        this.consumers = consumers;
        this.effects = effects;
        this.mayTrigger = mayTrigger;
        this.now = now;
        this.trigger = observed.trigger(action.name()).orElse(null);
        var before = observed.status().actions().stream()
                .filter(status -> status.name().equals(action.name()))
                .findFirst()
                .orElse(new ActionStatus(action.name(), null, null, null, null));
        this.taken = before.taken() == null ? 0 : before.taken();
        this.ineffective = before.ineffective() == null ? 0 : before.ineffective();
        this.cooldownUntil = before.cooldownUntil();
    }

    Plan plan() {
        if (trigger != null) {
            advance();
            judge();
        }
        recover();
        if (trigger != null && trigger.state() == State.Handled && trigger.handledAt() != null) {
            cooldownUntil = trigger.handledAt().plus(rules.cooldown(action, ineffective));
        }
        react();
        return new Plan(
                new ActionStatus(action.name(), taken, ineffective == 0 ? null : ineffective, cooldownUntil, message),
                trigger,
                wakeAt);
    }

    /** Takes note of what consumers and people did about the trigger. */
    private void advance() {
        var runs = consumers.runs(action, trigger);
        if (!runs.equals(trigger.runs())) {
            trigger = with(trigger.state(), trigger.handledAt(), runs, trigger.effect(), trigger.message());
        }
        if (trigger.state() == State.Handled) {
            return;
        }
        var answer = consumers.answer(action, trigger);
        if (answer.isPresent()) {
            trigger = with(State.Handled, now, trigger.runs(), null, answer.get());
        } else if (!trigger.hasEnded()) {
            var isApproved = Annotations.approvedIn(observed.policy()).contains(trigger.id())
                    || !rules.needsApproval(action, trigger.breaches());
            var state =
                    trigger.state() == State.AwaitingApproval && !isApproved ? State.AwaitingApproval : State.Pending;
            var isForNobody =
                    state == State.AwaitingApproval || consumers.missing(action).isPresent();
            trigger = isForNobody && causes.areOver(trigger.breaches(), action)
                    ? with(State.Withdrawn, now, trigger.runs(), null, "what was breached no longer is")
                    : with(state, null, trigger.runs(), null, waitingFor(state, trigger.id()));
        }
    }

    /** Whether what was asked for helped, as soon as that can be told. */
    private void judge() {
        if (trigger.state() != State.Handled || trigger.effect() != null) {
            return;
        }
        effects.of(action, trigger).ifPresent(judged -> {
            trigger = with(
                    State.Handled,
                    trigger.handledAt(),
                    trigger.runs(),
                    judged.effect(),
                    trigger.message() + "; " + judged.why());
            switch (judged.effect()) {
                case Helped -> ineffective = 0;
                case NotHelped -> ineffective++;
                case Unknown -> {}
            }
        });
    }

    /** Forgets that it didn't help once nothing that it reacts to is breached any more. */
    private void recover() {
        var isUnjudged = trigger != null && trigger.state() == State.Handled && trigger.effect() == null;
        if (action.then() == Then.Notify
                || (ineffective == 0 && !isUnjudged)
                || (trigger != null && (!trigger.hasEnded() || effects.isUnderWay(trigger)))) {
            return;
        }
        var relevant = action.when().stream()
                .filter(breach -> breach != Breach.NewRows && rules.watched().contains(breach))
                .toList();
        if (relevant.isEmpty() || !causes.areOver(relevant, action)) {
            return;
        }
        // An alert may come and go: it has to be quiet when it might be acted upon again.
        if (relevant.stream().noneMatch(Rules::isJudgedByEvaluations) && isCoolingDown()) {
            wakeAt = cooldownUntil;
            return;
        }
        ineffective = 0;
        if (isUnjudged) {
            trigger = with(State.Handled, trigger.handledAt(), trigger.runs(), Effect.Unknown, trigger.message());
        }
    }

    /** Asks for the action where it is due. */
    private void react() {
        var due = causes.due(action);
        if (due.isEmpty() || !mayTrigger || (trigger != null && !trigger.hasEnded())) {
            return;
        }
        if (isCoolingDown()) {
            message = "not asked for again before " + cooldownUntil + " (cooldown"
                    + (ineffective == 0
                            ? ")"
                            : "; it didn't help " + ineffective + " times in a row, each doubles it)");
            wakeAt = cooldownUntil;
            return;
        }
        if (trigger != null && effects.isUnderWay(trigger)) {
            message = "not asked for again while " + String.join(", ", trigger.runs()) + " is under way";
            return;
        }
        var obstacle = action.then() == Then.Rollback ? obstacleToRollback() : Optional.<String>empty();
        if (obstacle.isPresent()) {
            message = "not asked for: " + obstacle.get();
            return;
        }
        ask(due);
    }

    private void ask(List<Cause> due) {
        var isRepeated = trigger != null && trigger.state() == State.Handled && trigger.effect() == null;
        if (isRepeated && action.then() != Then.Notify) {
            // It is breached again or still, and never was over for long: whatever was done didn't help.
            ineffective++;
        }
        taken++;
        var breaches = due.stream().map(Cause::breach).toList();
        var id = action.name() + "-" + taken + "-"
                + Digests.of(List.of(observed.policy().getMetadata().getUid(), action.name(), taken), 6);
        var state = rules.needsApproval(action, breaches) ? State.AwaitingApproval : State.Pending;
        trigger = new Trigger(
                action.name(),
                id,
                breaches,
                due.stream().map(ActionPlanner::inWords).collect(Collectors.joining("; ")),
                now,
                observed.stable().map(RevisionStatus::revision).orElse(null),
                state,
                null,
                List.of(),
                null,
                waitingFor(state, id));
    }

    private Optional<String> obstacleToRollback() {
        var stable = observed.stable();
        if (stable.isEmpty()) {
            return Optional.of("the service serves nothing");
        }
        var promotions = Promotions.of(observed.service().getStatus());
        if (promotions.isBack()) {
            return Optional.of("revision " + stable.get().revision() + " serves since a rollback");
        }
        var promotedAt = stable.get().since();
        if (promotedAt == null || now.isAfter(promotedAt.plus(rules.within(action)))) {
            return Optional.of("the promotion of revision " + stable.get().revision()
                    + " is longer ago than spec.actions'" + " within");
        }
        return promotions.previous().isEmpty()
                ? Optional.of("there is no earlier revision to go back to")
                : Optional.empty();
    }

    private String waitingFor(State state, String id) {
        if (state == State.AwaitingApproval) {
            var metadata = observed.policy().getMetadata();
            return "waits for approval: kubectl annotate drift " + metadata.getName() + " -n " + metadata.getNamespace()
                    + " --overwrite " + Annotations.APPROVE + "=" + id;
        }
        return consumers.missing(action).map(missing -> "waits: " + missing).orElse(null);
    }

    private boolean isCoolingDown() {
        return cooldownUntil != null && now.isBefore(cooldownUntil);
    }

    private static String inWords(Cause cause) {
        return cause.breach()
                + (cause.breached() > 1 ? " (" + cause.breached() + " evaluations in a row): " : ": ")
                + cause.reason();
    }

    private Trigger with(State state, Instant handledAt, List<String> runs, Effect effect, String words) {
        return new Trigger(
                trigger.action(),
                trigger.id(),
                trigger.breaches(),
                trigger.reason(),
                trigger.at(),
                trigger.revision(),
                state,
                handledAt,
                runs,
                effect,
                words);
    }
}
