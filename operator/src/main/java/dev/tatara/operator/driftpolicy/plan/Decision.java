package dev.tatara.operator.driftpolicy.plan;

import dev.tatara.api.v1alpha1.driftpolicy.Action;
import dev.tatara.api.v1alpha1.driftpolicy.Action.Breach;
import dev.tatara.api.v1alpha1.driftpolicy.Action.Then;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.ActionStatus;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Cause;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Evaluation;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Handled;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.NewRowsStatus;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Verdict;
import dev.tatara.api.v1alpha1.driftpolicy.EvaluationProgress;
import dev.tatara.operator.kubernetes.ClaimUri;
import dev.tatara.operator.kubernetes.WakeUp;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What to do about a policy now, and what to say about it.
 *
 * @param activity what is going on
 * @param progress where evaluations stand, {@code null} before the first
 * @param nextEvaluationTime when the next one is due, {@code null} if none is
 * @param lastEvaluation the last one that came to a verdict, {@code null} if none did
 * @param causes how the kinds of breaches stand
 * @param actions how the actions stand
 * @param triggers the last trigger of each action
 * @param newRows rows that are new, {@code null} where none are counted
 * @param reportUrl where the last report lies, {@code null} without one
 * @param handled values of annotations that were acted upon, {@code null} if none was
 * @param isDue whether a kind is breached for as long as it takes an action
 * @param withoutEffect what is accepted and has no effect, empty if everything has
 * @param unheard actions that nobody would carry out, and why
 * @param unknownApproval an approval that was given just now and means no trigger, {@code null} without one
 * @param maps ConfigMaps to create first
 * @param evaluation the Job to create after that, {@code null} if none is due
 * @param notifications Jobs to create as well
 * @param obsolete Jobs and ConfigMaps that nobody needs any more
 * @param wakeAt when to decide again if nothing happens before, {@code null} if time alone changes nothing
 */
public record Decision(
        Activity activity,
        EvaluationProgress progress,
        Instant nextEvaluationTime,
        Evaluation lastEvaluation,
        List<Cause> causes,
        List<ActionStatus> actions,
        List<Trigger> triggers,
        NewRowsStatus newRows,
        String reportUrl,
        Handled handled,
        boolean isDue,
        String withoutEffect,
        List<String> unheard,
        String unknownApproval,
        List<ConfigMap> maps,
        Job evaluation,
        List<Job> notifications,
        List<HasMetadata> obsolete,
        Instant wakeAt) {
    public Decision {
        causes = List.copyOf(causes);
        actions = List.copyOf(actions);
        triggers = List.copyOf(triggers);
        unheard = List.copyOf(unheard);
        maps = List.copyOf(maps);
        notifications = List.copyOf(notifications);
        obsolete = List.copyOf(obsolete);
    }

    public static Decision about(Observed observed, PlanSettings settings, Instant time) {
        // Whole seconds, as times in the API are.
        var now = time.truncatedTo(ChronoUnit.SECONDS);
        var spec = observed.policy().getSpec();
        var look = new EvaluationPlanner(observed, settings, now).look();
        var notifications = new Notifications(observed, settings, now);
        var consumers = new Consumers(observed, notifications);
        var rows = RowCount.of(observed, areRowsSpent(observed, consumers));
        var causes = Causes.of(observed, look.concluded(), rows, now);
        var last = look.concluded() == null ? observed.status().lastEvaluation() : Findings.of(look.concluded());
        var effects = new Effects(observed, consumers, causes, last);
        var mayTrigger = !observed.isSuspended()
                && !observed.isDeleted()
                && Support.refusal(spec).isEmpty();
        var plans = spec.actions().stream()
                .map(action -> new ActionPlanner(action, observed, causes, consumers, effects, mayTrigger, now).plan())
                .toList();
        var triggers = plans.stream()
                .map(ActionPlanner.Plan::trigger)
                .filter(Objects::nonNull)
                .toList();
        return new Decision(
                look.activity(),
                look.progress(),
                look.next(),
                last,
                causes.all(),
                plans.stream().map(ActionPlanner.Plan::status).toList(),
                triggers,
                rows,
                reportUrl(observed, look),
                handled(observed, look),
                causes.all().stream().anyMatch(cause -> isDue(cause, new Rules(spec))),
                Support.withoutEffect(spec, observed.service(), observed.version()),
                spec.actions().stream()
                        .flatMap(action -> consumers.missing(action).stream()
                                .map(missing -> "action " + action.name() + ": " + missing))
                        .toList(),
                unknownApproval(observed, triggers),
                Stream.concat(Stream.ofNullable(look.definition()), notifications.messages().stream())
                        .toList(),
                look.start(),
                notifications.start(),
                Stream.concat(look.obsolete().stream(), notifications.obsolete().stream())
                        .toList(),
                plans.stream()
                        .map(ActionPlanner.Plan::wakeAt)
                        .reduce(WakeUp.earlier(look.wakeAt(), notifications.wakeAt()), WakeUp::earlier));
    }

    /** The same after a Job or ConfigMap that was due couldn't be made. */
    public Decision heldUp(String reason, String message, Instant retryAt) {
        return new Decision(
                new Activity.Running(reason, message, true),
                progress,
                nextEvaluationTime,
                lastEvaluation,
                causes,
                actions,
                triggers,
                newRows,
                reportUrl,
                handled,
                isDue,
                withoutEffect,
                unheard,
                unknownApproval,
                List.of(),
                null,
                List.of(),
                obsolete,
                retryAt);
    }

    private static boolean isDue(Cause cause, Rules rules) {
        return cause.verdict() == Verdict.Breached
                && (!Rules.isJudgedByEvaluations(cause.breach())
                        || cause.breached() >= rules.consecutiveBreaches(cause.breach()));
    }

    /** A run on all rows uses up those that are new; where none listens to them, being told of them does. */
    private static boolean areRowsSpent(Observed observed, Consumers consumers) {
        var actions = observed.policy().getSpec().actions();
        var areTrainedOn = actions.stream().anyMatch(action -> action.then() == Then.Retrain && waitsForRows(action));
        return actions.stream().anyMatch(action -> observed.trigger(action.name())
                .filter(trigger -> !trigger.hasEnded())
                .filter(trigger -> areTrainedOn
                        ? action.then() == Then.Retrain
                        : trigger.breaches().contains(Breach.NewRows))
                .flatMap(trigger -> consumers.answer(action, trigger))
                .isPresent());
    }

    private static boolean waitsForRows(Action action) {
        return action.when().contains(Breach.NewRows);
    }

    private static String reportUrl(Observed observed, EvaluationLook look) {
        return Optional.ofNullable(look.concluded())
                .map(concluded -> concluded.result().report())
                .map(ClaimUri::unmounted)
                .orElse(observed.status().reportUrl());
    }

    private static Handled handled(Observed observed, EvaluationLook look) {
        var approve = Annotations.valueOf(observed.policy(), Annotations.APPROVE);
        return approve == null && look.handled() == null ? null : new Handled(approve, look.handled());
    }

    private static String unknownApproval(Observed observed, List<Trigger> triggers) {
        var value = Annotations.valueOf(observed.policy(), Annotations.APPROVE);
        var handled = observed.status().handled();
        if (value == null || (handled != null && value.equals(handled.approve()))) {
            return null;
        }
        var known = new HashSet<String>();
        Stream.concat(observed.status().triggers().stream(), triggers.stream())
                .map(Trigger::id)
                .forEach(known::add);
        var unknown = new ArrayList<>(Annotations.approvedIn(observed.policy()));
        unknown.removeAll(known);
        return unknown.isEmpty()
                ? null
                : String.join(", ", unknown.stream().sorted().toList());
    }
}
