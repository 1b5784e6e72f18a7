package dev.tatara.operator.inferenceservice.rollout;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Outcome;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Rejection;
import dev.tatara.api.v1alpha1.rollout.AbTest;
import dev.tatara.api.v1alpha1.rollout.Analysis.OnInsufficientData;
import dev.tatara.api.v1alpha1.rollout.Rollout.OnFailure;
import dev.tatara.api.v1alpha1.rollout.Rollout.Strategy;
import dev.tatara.operator.inferenceservice.rollout.Progress.Pause;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * The next move of a rollout. Pure: (progress, facts) → decision. What must hold of its decisions is written down in
 * docs/decisions/196.
 *
 * <p>A decision either changes the progress ({@link Decision.Note}) or acts upon it ({@link Decision.Act}), never both,
 * so that an operator that is killed anywhere goes on where it was.
 */
public final class RolloutMachine {
    private final Progress progress;
    private final Facts facts;
    private final Instant now;

    private RolloutMachine(Progress progress, Facts facts) {
        this.progress = progress;
        this.facts = facts;
        this.now = facts.now();
    }

    /**
     * The next move.
     *
     * @param progress where the rollout stands according to the status; {@code null} for none
     */
    public static Decision next(Progress progress, Facts facts) {
        var machine = new RolloutMachine(progress, facts);
        return machine.ended()
                .or(machine::moved)
                .or(() -> Orders.next(progress, facts))
                .or(machine::failed)
                .or(machine::pausedOrResumed)
                .or(machine::forward)
                .orElseGet(machine::act);
    }

    /** Whether the checks of the stage are to be judged by now. */
    public static boolean isAnalysisDue(Progress progress, Facts facts) {
        return progress != null
                && isUnderWay(progress, facts)
                && Judgement.judges(stageOf(progress, facts))
                && progress.heldSince() != null
                && !facts.now().isBefore(Judgement.dueAt(progress, stageOf(progress, facts)));
    }

    /** What a rollout waits for, in words; empty where it doesn't fit the facts any more. */
    public static String message(Progress progress, Facts facts) {
        if (!isUnderWay(progress, facts)) {
            return "";
        }
        var machine = new RolloutMachine(progress, facts);
        return Words.waiting(progress, machine.stage(), facts, machine.isAvailable());
    }

    /** Whether the progress is that of what is asked for, with the stages as they are. */
    private static boolean isUnderWay(Progress progress, Facts facts) {
        return facts.wanted()
                        .filter(target -> target.revision().equals(progress.revision()))
                        .isPresent()
                && progress.strategy() == facts.strategy()
                && progress.stage() < facts.stages().size()
                && stageOf(progress, facts).name().equals(progress.stageName());
    }

    private static Stage stageOf(Progress progress, Facts facts) {
        return facts.stages().get(progress.stage());
    }

    /** A rollout ends, or begins, because of what is asked for. */
    private Optional<Decision> ended() {
        var wanted = facts.wanted();
        if (progress == null) {
            return wanted.map(target -> note(start(target), null, null));
        }
        if (wanted.filter(target -> target.revision().equals(progress.revision()))
                .isPresent()) {
            return progress.strategy() == facts.strategy()
                    ? Optional.empty()
                    : Optional.of(note(start(wanted.get()), null, null));
        }
        if (facts.stable().revision().equals(progress.revision())) {
            // The Service selects it: an operator was killed before it could say so.
            return Optional.of(note(null, null, null));
        }
        var end = facts.asked() == null
                ? outcome(Outcome.End.Aborted, facts.obstacle())
                : facts.asked().revision().equals(facts.stable().revision())
                        ? outcome(Outcome.End.Aborted, "the spec asks for stable again")
                        : facts.asked().revision().equals(progress.revision())
                                ? outcome(Outcome.End.RolledBack, "it was rejected")
                                : outcome(Outcome.End.Superseded, "another revision was asked for");
        return Optional.of(note(wanted.map(this::start).orElse(null), end, null));
    }

    private Progress start(Facts.Target target) {
        return Progress.start(
                facts.strategy(),
                target.revision(),
                facts.stages().getFirst(),
                Math.max(facts.stablePods(), progress == null ? 0 : progress.keptReplicas()),
                now);
    }

    /** The list of stages was changed: the rollout goes on in the stage of the same name, or of no less weight. */
    private Optional<Decision> moved() {
        if (progress == null || isUnderWay(progress, facts)) {
            return Optional.empty();
        }
        var stages = facts.stages();
        for (int i = 0; i < stages.size(); i++) {
            if (stages.get(i).name().equals(progress.stageName())) {
                return Optional.of(note(progress.at(i, stages.get(i)), null, null));
            }
        }
        for (int i = 0; i < stages.size(); i++) {
            if (stages.get(i).weight() >= progress.weight()) {
                return Optional.of(note(progress.entering(i, stages.get(i), now), null, null));
            }
        }
        throw new IllegalStateException("the last stage has less than all the traffic: " + stages);
    }

    private Optional<Decision> failed() {
        if (progress == null) {
            return Optional.empty();
        }
        if (facts.results() != null && Judgement.judges(stage())) {
            return Optional.of(judged());
        }
        var isHopeless = facts.candidate().isShortOfMemory() && !isAvailable();
        if (!deadlines().isOverdue() && !isHopeless) {
            return Optional.empty();
        }
        var reason = (isHopeless
                        ? "its pods can't get ready"
                        : "its pods weren't ready within "
                                + Words.span(facts.terms().progressDeadline()))
                + facts.candidate().whyUnready();
        return onFailure().flatMap(then -> switch (then) {
            case Rollback -> Optional.of(rejected(reason, false));
            case Pause ->
                progress.isPausedByItself()
                        ? Optional.<Decision>empty()
                        : Optional.of(note(progress.paused(Pause.NotReady, now), null, null));
        });
    }

    private Optional<OnFailure> onFailure() {
        var asked = facts.terms().onFailure();
        return asked != null
                ? Optional.of(asked)
                : facts.strategy() == Strategy.RollingUpdate ? Optional.empty() : Optional.of(OnFailure.Rollback);
    }

    private Deadlines deadlines() {
        return new Deadlines(progress, stage(), facts, isAvailable());
    }

    private boolean isAvailable() {
        return facts.candidate().exist() && facts.candidate().available() >= stage().candidatePods(facts.stablePods());
    }

    private Decision judged() {
        var stage = stage();
        var verdicts = Judgement.fold(progress.checks(), facts.results());
        var next = progress.judged(verdicts, now);
        var failure = progress.isReleased() ? Optional.<String>empty() : Judgement.failure(stage, verdicts);
        if (failure.isPresent()) {
            if (onFailure().orElse(OnFailure.Rollback) == OnFailure.Rollback) {
                return rejected(
                        Judgement.describe(failure.get(), verdicts), Judgement.blamesModel(stage, failure.get()));
            }
            return note(progress.isPausedByItself() ? next : next.paused(Pause.CheckFailed, now), null, null);
        }
        if (stage.experiment() != null && !progress.isPausedByItself() && !progress.isReleased()) {
            return experiment(next);
        }
        var pausesForWant = stage.analysis() != null
                && stage.analysis().onInsufficientData() == OnInsufficientData.Pause
                && !progress.isPausedByItself()
                && !progress.isReleased()
                && !now.isBefore(progress.heldSince().plus(stage.hold()))
                && Judgement.lacksData(verdicts);
        return note(pausesForWant ? next.paused(Pause.InsufficientData, now) : next, null, null);
    }

    private Decision experiment(Progress next) {
        var promotes = stage().experiment().winner() == AbTest.Winner.Promote;
        var verdict = Judgement.verdictOf(CheckResult.EXPERIMENT, next.checks());
        return switch (verdict) {
            case Passed -> note(promotes ? next : next.paused(Pause.ExperimentDecided, now), null, null);
            case Failed ->
                promotes
                        ? rejected(Judgement.describe(CheckResult.EXPERIMENT, next.checks()), false)
                        : note(next.paused(Pause.ExperimentDecided, now), null, null);
            case InsufficientData ->
                note(
                        now.isBefore(deadlines().ofExperiment()) ? next : next.paused(Pause.ExperimentUndecided, now),
                        null,
                        null);
        };
    }

    private Optional<Decision> pausedOrResumed() {
        if (progress == null || progress.isPausedByItself()) {
            return Optional.empty();
        }
        if (facts.isPaused() != (progress.pause() == Pause.Paused)) {
            return Optional.of(
                    note(facts.isPaused() ? progress.paused(Pause.Paused, now) : progress.resumed(), null, null));
        }
        return Optional.empty();
    }

    private Optional<Decision> forward() {
        if (progress == null || progress.pause() != null || stage().atOnce()) {
            return Optional.empty();
        }
        // A weight that differs was changed in the stage that the rollout is in.
        if (progress.routedAt() == null || progress.weight() != stage().weight()) {
            return isAvailable() && mayShift()
                    ? Optional.of(note(progress.routed(stage().weight(), now), null, null))
                    : Optional.empty();
        }
        if (progress.heldSince() == null) {
            return isConverged() ? Optional.of(note(progress.held(now), null, null)) : Optional.empty();
        }
        var stage = stage();
        if (isLast()) {
            return progress.isReleased() || !isStalled() ? Optional.empty() : Optional.of(timedOut());
        }
        if (progress.isReleased()) {
            var last = facts.stages().size() - 1;
            return Optional.of(note(progress.entering(last, facts.stages().get(last), now), null, null));
        }
        if (!stage.manual() && isDone() && isAvailable()) {
            return Optional.of(next(progress));
        }
        if (isStalled()) {
            return Optional.of(timedOut());
        }
        // Also where nothing is measured at all.
        return stage.experiment() != null
                        && !isDone()
                        && !now.isBefore(deadlines().ofExperiment())
                ? Optional.of(note(progress.paused(Pause.ExperimentUndecided, now), null, null))
                : Optional.empty();
    }

    /** Every router takes one step after the other: also where an edit brings the next one early. */
    private boolean mayShift() {
        return progress.weight() == 0 || stage().weight() <= progress.weight() || isConverged();
    }

    private Decision next(Progress from) {
        var index = from.stage() + 1;
        return note(from.entering(index, facts.stages().get(index), now), null, null);
    }

    private Decision timedOut() {
        return note(progress.paused(Pause.StepTimeout, now), null, null);
    }

    /** Whether the stage has held long enough and its checks pass. */
    private boolean isDone() {
        return !now.isBefore(progress.heldSince().plus(stage().hold()))
                && (!Judgement.judges(stage())
                        || (progress.analyzedAt() != null && Judgement.passes(stage(), progress.checks())));
    }

    /** Whether the stage has waited for samples or a person for too long. An experiment has an end of its own. */
    private boolean isStalled() {
        return stage().experiment() == null
                && (stage().manual() || !isDone())
                && !now.isBefore(deadlines().ofStep());
    }

    private boolean isConverged() {
        return facts.convergence() != null && facts.convergence().isComplete();
    }

    private boolean isLast() {
        return progress.stage() == facts.stages().size() - 1;
    }

    private Stage stage() {
        return stageOf(progress, facts);
    }

    /** Whether the Service is to select the candidate now. */
    private boolean isPromoted() {
        if (progress.pause() != null || !isLast() || !isAvailable()) {
            return false;
        }
        return stage().atOnce()
                || (progress.heldSince() != null
                        && isConverged()
                        && (progress.isReleased() || (!stage().manual() && isDone())));
    }

    private Decision act() {
        if (progress == null) {
            return new Decision.Act(null, Optional.empty(), Routings.atRest(facts), false, false, null, "");
        }
        var isStarted = progress.pause() != Pause.Paused || facts.candidate().exist();
        var promoted = isPromoted();
        return new Decision.Act(
                progress,
                isStarted ? Optional.of(stage().candidatePods(facts.stablePods())) : Optional.empty(),
                promoted ? Routings.promoted(progress, facts) : Routings.underWay(progress, stage(), facts),
                promoted,
                deadlines().isOverdue(),
                deadlines().next(),
                Words.waiting(progress, stage(), facts, isAvailable()));
    }

    private Decision rejected(String reason, boolean blamesModel) {
        var target = facts.asked();
        var stableDigest = facts.stable().digest();
        var rejection = new Rejection(
                target.revision(),
                target.modelVersion(),
                target.digest(),
                // Where both serve the same file it isn't the file's fault.
                blamesModel && target.digest() != null && !target.digest().equals(stableDigest),
                now,
                reason);
        return note(null, outcome(Outcome.End.RolledBack, reason), rejection);
    }

    private Outcome outcome(Outcome.End end, String reason) {
        return Orders.outcome(progress, facts, end, reason);
    }

    private Decision note(Progress next, Outcome ended, Rejection rejection) {
        return new Decision.Note(next, ended, rejection, null, facts.handled(), Map.of());
    }
}
