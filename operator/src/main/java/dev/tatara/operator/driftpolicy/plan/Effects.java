package dev.tatara.operator.driftpolicy.plan;

import dev.tatara.api.v1alpha1.driftpolicy.Action;
import dev.tatara.api.v1alpha1.driftpolicy.Action.Breach;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Cause;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Evaluation;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger.Effect;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Verdict;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.RevisionStatus;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Run;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.RunPhase;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Whether what a trigger asked for helped: a run has to register a version, the version has to serve, and what was
 * breached has to be good then. Who can't be told to have helped may still turn out not to: see {@link ActionPlanner}.
 */
final class Effects {
    private static final Set<RunPhase> IN_VAIN = Set.of(RunPhase.GatesFailed, RunPhase.DataRejected, RunPhase.Failed);

    private final Observed observed;
    private final Consumers consumers;
    private final Causes causes;
    private final Evaluation last;

    /** What came of an action, and why. */
    record Judged(Effect effect, String why) {}

    /**
     * Judges by what is known now.
     *
     * @param last the last evaluation that came to a verdict, {@code null} if none did
     */
    Effects(Observed observed, Consumers consumers, Causes causes, Evaluation last) {
        this.observed = observed;
        this.consumers = consumers;
        this.causes = causes;
        this.last = last;
    }

    /** What came of a trigger that was handled; empty as long as it can't be told. */
    Optional<Judged> of(Action action, Trigger trigger) {
        return switch (action.then()) {
            case Retrain -> retrained(trigger);
            case Rollback -> afterwards(trigger, stable -> !stable.revision().equals(trigger.revision()));
            case Notify -> Optional.empty();
            case null -> Optional.empty();
        };
    }

    /** Whether a run that answers the trigger is under way. */
    boolean isUnderWay(Trigger trigger) {
        return runs(trigger).stream().anyMatch(run -> !run.hasEnded());
    }

    private Optional<Judged> retrained(Trigger trigger) {
        if (isUnderWay(trigger)) {
            return Optional.empty();
        }
        var runs = runs(trigger);
        var registered =
                runs.stream().map(Run::modelVersion).filter(Objects::nonNull).collect(Collectors.toUnmodifiableSet());
        if (registered.isEmpty()) {
            return Optional.of(runs.stream()
                    .filter(run -> IN_VAIN.contains(run.phase()))
                    .findFirst()
                    .map(run -> new Judged(
                            Effect.NotHelped,
                            "run " + run.number() + " ended as " + run.phase() + ": " + run.message()))
                    .orElseGet(() -> new Judged(Effect.Unknown, "no run is known that came to an end")));
        }
        if (Set.of(Breach.NewRows).containsAll(trigger.breaches())) {
            return Optional.of(new Judged(Effect.Helped, "the new rows led to " + String.join(", ", registered)));
        }
        return afterwards(
                trigger, stable -> stable.modelVersion() != null && registered.contains(stable.modelVersion()));
    }

    /** What became of the breaches since something else serves. */
    private Optional<Judged> afterwards(Trigger trigger, Predicate<RevisionStatus> isWhatWasWanted) {
        var stable = observed.stable().filter(isWhatWasWanted);
        if (stable.isEmpty()) {
            return Optional.empty();
        }
        var name = Objects.requireNonNullElse(
                stable.get().modelVersion(), "revision " + stable.get().revision());
        var judged =
                trigger.breaches().stream().filter(Rules::isJudgedByEvaluations).toList();
        var found = (judged.isEmpty() ? trigger.breaches() : judged)
                .stream().map(causes::find).flatMap(Optional::stream).toList();
        if (found.isEmpty()) {
            return Optional.of(new Judged(Effect.Unknown, "what was breached isn't watched any more"));
        }
        if (judged.isEmpty()) {
            // An alert needs its time to be resolved: that it still fires says nothing yet.
            return found.stream().allMatch(Effects::isGood)
                    ? Optional.of(new Judged(Effect.Helped, "nothing fires any more since " + name + " serves"))
                    : Optional.empty();
        }
        if (last == null || !stable.get().revision().equals(last.revision())) {
            return Optional.empty();
        }
        var breached = found.stream()
                .filter(cause -> cause.verdict() == Verdict.Breached)
                .findFirst();
        if (breached.isPresent()) {
            return Optional.of(new Judged(
                    Effect.NotHelped,
                    breached.get().breach() + " is still breached with " + name + ": "
                            + breached.get().reason()));
        }
        return found.stream().allMatch(Effects::isGood)
                ? Optional.of(new Judged(Effect.Helped, "what was breached no longer is with " + name))
                : Optional.empty();
    }

    private List<Run> runs(Trigger trigger) {
        return trigger.runs().stream()
                .map(consumers::run)
                .flatMap(Optional::stream)
                .toList();
    }

    private static boolean isGood(Cause cause) {
        return Causes.isGood(cause.verdict());
    }
}
