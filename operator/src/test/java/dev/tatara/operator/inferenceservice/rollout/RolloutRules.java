package dev.tatara.operator.inferenceservice.rollout;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Outcome.End;
import dev.tatara.api.v1alpha1.rollout.Rollout.OnFailure;
import dev.tatara.api.v1alpha1.rollout.Rollout.Strategy;
import dev.tatara.operator.inferenceservice.rollout.Progress.Pause;
import java.util.Objects;

/**
 * What a decision about a rollout may be, and what it must not leave undone. Each change of a progress is held against
 * its causes, and each decision that changes nothing against what should have changed. The rules are written down a
 * second time here, in other words than the machine's: nothing of it is asked.
 */
final class RolloutRules {
    private final DivisionRules division = new DivisionRules();
    private final JudgementRules judgement = new JudgementRules();
    private Look look;

    void must(boolean holds, String rule) {
        look.must(holds, rule);
    }

    /** Nothing is known any more of what was. */
    void forget() {
        division.forget();
        judgement.beginsAnew();
    }

    private void see(Progress progress, Facts seen, Routing acknowledged, Decision decided) {
        look = new Look(progress, seen, acknowledged, judgement.verdicts(), decided);
    }

    // ---- what is noted

    void noted(Progress progress, Facts seen, Routing acknowledged, Decision.Note note) {
        see(progress, seen, acknowledged, note);
        var after = note.progress();
        look.must(
                !Objects.equals(progress, after)
                        || note.rejected() != null
                        || !note.handled().equals(seen.handled()),
                "a note changes something");
        OrderRules.noted(look, note);
        if (!note.handled().equals(seen.handled())
                && (note.progress() == null || note.progress().heldSince() == null)) {
            judgement.beginsAnew();
        }
        if (progress == null) {
            look.must(note.ended() == null || note.rejected() != null, "what wasn't under way doesn't end");
            if (after != null) {
                begins(after);
            }
        } else if (after == null
                || !after.startedAt().equals(progress.startedAt())
                || !after.revision().equals(progress.revision())
                || after.strategy() != progress.strategy()) {
            ends(note);
            if (after != null) {
                begins(after);
            }
        } else {
            goesOn(after, note);
        }
    }

    private void begins(Progress after) {
        look.must(look.isWanted(after.revision()), "a rollout begins of what is asked for and wasn't rejected");
        look.must(
                after.weight() == 0
                        && after.stage() == 0
                        && after.stageName()
                                .equals(look.facts().stages().getFirst().name())
                        && after.routedAt() == null
                        && after.heldSince() == null
                        && after.analyzedAt() == null
                        && after.pause() == null
                        && !after.isReleased()
                        && after.checks().isEmpty(),
                "a rollout begins with its first stage, and with nothing");
        look.must(
                after.startedAt().equals(look.facts().now())
                        && after.enteredAt().equals(look.facts().now()),
                "a rollout begins now");
        look.must(
                after.keptReplicas() >= look.facts().stablePods()
                        && (look.before() == null
                                || after.keptReplicas() >= look.before().keptReplicas()),
                "stable keeps the pods that it had before anything began");
        look.must(after.strategy() == look.facts().strategy(), "a rollout goes by the strategy of the spec");
        forget();
    }

    private void ends(Decision.Note note) {
        var revision = look.before().revision();
        if (note.rejected() != null) {
            rejects(note);
            return;
        }
        if (note.ended() == null) {
            look.must(
                    revision.equals(look.facts().stable().revision())
                            || (look.isWanted(revision)
                                    && look.before().strategy() != look.facts().strategy()),
                    "a rollout ends without a word only where it has come to its end, or begins again by another strategy");
            return;
        }
        look.must(note.ended().revision().equals(revision), "it is the rollout under way that ends");
        look.must(!look.isWanted(revision), "a rollout isn't replaced by itself");
        var isBack = look.facts().asked() == null
                || look.facts().asked().revision().equals(look.facts().stable().revision());
        look.must(
                note.ended().outcome()
                        == (isBack
                                ? End.Aborted
                                : look.facts().asked().revision().equals(revision) ? End.RolledBack : End.Superseded),
                "how a rollout ended is told as it is");
    }

    private void rejects(Decision.Note note) {
        var rejection = note.rejected();
        look.must(rejection.revision().equals(look.before().revision()), "the candidate is rejected, and nobody else");
        look.must(note.progress() == null, "what is rejected is under way no longer");
        look.must(
                note.ended() != null
                        && note.ended().revision().equals(look.before().revision()),
                "a rejection ends a rollout");
        if (!note.handled().equals(look.facts().handled())) {
            look.must(!Boolean.TRUE.equals(rejection.quarantine()), "a person's order isn't the model's fault");
            return;
        }
        look.must(note.ended().outcome() == End.RolledBack, "a failure rolls back");
        if (look.facts().results() != null) {
            look.must(!look.before().isReleased(), "what checks find doesn't end what a person let pass");
            var failed = judgement.failedAfter(look);
            if (failed == null) {
                look.must(
                        look.isLost() && look.isPromoting(),
                        "results reject what failed a check as often as it may not, or lost");
            } else {
                look.must(look.onFailure() == OnFailure.Rollback, "failures pause where the spec says so");
            }
            look.must(
                    Boolean.TRUE.equals(rejection.quarantine())
                            == (failed != null
                                    && !failed.equals("mine")
                                    && !look.facts()
                                            .asked()
                                            .digest()
                                            .equals(look.facts().stable().digest())),
                    "the model is to blame where its answers failed and stable serves another file");
            return;
        }
        look.must(look.isOverdue(), "without results only pods that are missing for too long are rejected");
        look.must(
                look.facts().terms().onFailure() == OnFailure.Rollback
                        || (look.facts().terms().onFailure() == null
                                && look.facts().strategy() != Strategy.RollingUpdate),
                "pods that are missing reject where the spec says so");
        look.must(!Boolean.TRUE.equals(rejection.quarantine()), "pods that are missing aren't the model's fault");
    }

    private void goesOn(Progress after, Decision.Note note) {
        look.must(
                note.ended() == null
                        || !note.ended().revision().equals(look.before().revision()),
                "what goes on didn't end");
        look.must(after.keptReplicas() == look.before().keptReplicas(), "stable keeps the pods that it had");
        look.must(look.before().isReleased() ? after.isReleased() : true, "a release isn't taken back");
        look.must(
                !look.isRejected(look.before().revision())
                        && look.isWanted(look.before().revision()),
                "a rollout goes on while it is wanted");
        var isOrdered = !note.handled().equals(look.facts().handled());
        if (look.isMoved()) {
            moves(after);
            return;
        }
        if (isOrdered) {
            return;
        }
        look.must(after.isReleased() == look.before().isReleased(), "nobody but a person releases");
        if (after.stage() != look.before().stage()) {
            advances(after);
            return;
        }
        if (after.weight() != look.before().weight()
                || !Objects.equals(after.routedAt(), look.before().routedAt())) {
            shifts(after);
            return;
        }
        if (look.facts().results() != null) {
            judgement.noted(look, after);
            return;
        }
        if (!Objects.equals(after.heldSince(), look.before().heldSince())) {
            look.must(
                    look.before().heldSince() == null && look.facts().now().equals(after.heldSince()),
                    "a hold begins once, and now");
            look.must(
                    look.before().routedAt() != null
                            && look.before().weight() == look.stage().weight()
                            && look.isConverged(),
                    "a hold begins once every router has acknowledged");
            look.must(look.before().pause() == null && !look.facts().isPaused(), "no hold begins in a pause");
            judgement.beginsAnew();
            return;
        }
        pauses(after);
    }

    /** The stages were edited. */
    private void moves(Progress after) {
        var stages = look.facts().stages();
        look.must(after.weight() == look.before().weight(), "an edit of stages alone moves nothing");
        for (int i = 0; i < stages.size(); i++) {
            if (stages.get(i).name().equals(look.before().stageName())) {
                look.must(
                        after.stage() == i
                                && Objects.equals(
                                        after.heldSince(), look.before().heldSince())
                                && Objects.equals(after.pause(), look.before().pause()),
                        "a stage that is still there goes on");
                return;
            }
        }
        look.must(
                stages.get(after.stage()).weight() >= look.before().weight()
                        && (after.stage() == 0
                                || stages.get(after.stage() - 1).weight()
                                        < look.before().weight()),
                "a stage that is gone is replaced by the first of no less weight");
        look.must(after.routedAt() == null && after.heldSince() == null, "another stage begins from its beginning");
        judgement.beginsAnew();
    }

    private void advances(Progress after) {
        look.must(look.before().pause() == null && !look.facts().isPaused(), "a paused rollout doesn't go on");
        look.must(look.before().heldSince() != null, "a stage that hasn't begun isn't left");
        look.must(after.routedAt() == null && after.heldSince() == null, "the next stage begins with its pods");
        look.must(after.weight() == look.before().weight(), "the weight moves when the next stage's pods are ready");
        look.must(after.enteredAt().equals(look.facts().now()), "the next stage begins now");
        if (look.before().isReleased()) {
            look.must(after.stage() == look.facts().stages().size() - 1, "who is released goes to the end");
            return;
        }
        look.must(after.stage() == look.before().stage() + 1, "stages follow one another");
        look.must(look.isHeld(), "a stage holds as long as it says");
        look.must(!look.stage().manual(), "a stage waits for a person where it says so");
        look.must(look.passes(), "a stage is left when all its checks pass");
        look.must(look.isAvailable(), "a stage is left with its pods");
    }

    private void shifts(Progress after) {
        look.must(
                look.before().pause() == null && !look.facts().isPaused(),
                "the traffic of a paused rollout doesn't move");
        look.must(look.isAvailable(), "traffic moves to pods that are ready");
        look.must(
                after.weight() == look.stage().weight() && look.facts().now().equals(after.routedAt()),
                "traffic moves as the stage has it");
        look.must(
                after.heldSince() == null && after.checks().isEmpty(),
                "what was judged before the traffic moved doesn't count");
        look.must(
                after.weight() <= look.before().weight() || look.isKnownToRouters(),
                "the weight rises once every router has acknowledged what was before");
        division.isReady();
        judgement.beginsAnew();
    }

    private void pauses(Progress after) {
        look.must(after.checks().equals(look.before().checks()), "checks are noted with results");
        switch (after.pause()) {
            case null ->
                look.must(
                        look.before().pause() == Pause.Paused && !look.facts().isPaused(),
                        "only the spec resumes by itself");
            case Paused -> look.must(look.facts().isPaused() && look.before().pause() == null, "the spec pauses");
            case NotReady ->
                look.must(
                        look.isOverdue()
                                && look.facts().terms().onFailure() == OnFailure.Pause
                                && !look.isPausedByItself(),
                        "pods that are missing pause where the spec says so");
            case StepTimeout ->
                look.must(
                        look.isStalled()
                                && look.before().pause() == null
                                && !look.before().isReleased(),
                        "a stage times out when it has waited for too long");
            case ExperimentUndecided ->
                look.must(
                        look.before().pause() == null && look.isExperimentOver(),
                        "an experiment ends when its time has come");
            case CheckFailed, InsufficientData, ExperimentDecided ->
                look.must(false, "verdicts pause, and nothing else");
        }
    }

    // ---- what is done

    void acted(Progress progress, Facts seen, Routing acknowledged, Decision.Act act) {
        see(progress, seen, acknowledged, act);
        look.must(Objects.equals(act.progress(), progress), "what is acted upon is what was noted");
        division.check(look, act);
        if (progress == null) {
            look.must(look.facts().wanted().isEmpty(), "what is asked for is rolled out");
            look.must(
                    !act.isPromoted() && act.candidatePods().isEmpty() && act.recheckAt() == null,
                    "without a rollout nothing is waited for");
            OrderRules.answered(look);
            return;
        }
        look.must(look.isWanted(progress.revision()), "a rollout that isn't wanted ends");
        look.must(progress.strategy() == look.facts().strategy() && !look.isMoved(), "a rollout follows its spec");
        OrderRules.answered(look);
        look.must(
                act.candidatePods().isPresent()
                        || (progress.pause() == Pause.Paused
                                && !look.facts().candidate().exist()),
                "a candidate has pods, unless it is paused before it began");
        look.must(
                act.candidatePods().isEmpty() || act.candidatePods().get() == look.podsNeeded(),
                "a candidate has as many pods as its stage needs");
        look.must(
                look.facts().isPaused() ? progress.pause() != null : progress.pause() != Pause.Paused,
                "paused means paused");
        look.must(look.facts().results() == null, "results are noted");
        if (look.isOverdue()) {
            look.must(
                    look.facts().terms().onFailure() == null
                            ? look.facts().strategy() == Strategy.RollingUpdate
                            : look.facts().terms().onFailure() == OnFailure.Pause && look.isPausedByItself(),
                    "pods that are missing for too long fail the rollout, paused or not");
        }
        look.must(act.isOverdue() == look.isOverdue(), "that pods are missing for too long is told");
        look.must(
                act.isPromoted() == look.isThrough(),
                "the Service selects the candidate when all stages are through, and not before");
        if (progress.pause() == null && !look.stage().atOnce()) {
            goesOnInTime();
        }
    }

    /** Nothing is left undone that could be done. */
    private void goesOnInTime() {
        if (look.before().routedAt() == null
                || look.before().weight() != look.stage().weight()) {
            look.must(
                    !look.isAvailable()
                            || (look.before().weight() > 0
                                    && look.stage().weight() > look.before().weight()
                                    && !look.isConverged()),
                    "traffic moves as soon as pods are ready");
            return;
        }
        if (look.before().heldSince() == null) {
            look.must(!look.isConverged(), "a hold begins as soon as every router has acknowledged");
            return;
        }
        var isLast = look.before().stage() == look.facts().stages().size() - 1;
        look.must(isLast || !look.before().isReleased(), "who is released goes on at once");
        look.must(
                look.stage().experiment() == null
                        || look.before().isReleased()
                        || (look.isHeld() && look.passes())
                        || !look.isExperimentOver(),
                "an experiment has an end, whoever measures it");
        look.must(
                isLast || look.stage().manual() || !look.isAvailable() || !look.isHeld() || !look.passes(),
                "a stage that is through is left at once");
        look.must(look.before().isReleased() || !look.isStalled(), "a stage doesn't wait for ever");
    }

    /** Time alone has changed nothing since the last look but what a timer was asked for. */
    void unchanged(Progress progress, Decision.Act latest, Facts seen, boolean isUnmeasured) {
        var now = RolloutMachine.next(progress, seen);
        see(progress, seen, null, now);
        look.must(
                now instanceof Decision.Act act
                        && act.routing().equals(latest.routing())
                        && act.candidatePods().equals(latest.candidatePods())
                        && act.isOverdue() == latest.isOverdue()
                        && act.isPromoted() == latest.isPromoted(),
                "whatever time alone changes has a timer");
        look.must(isUnmeasured || !RolloutMachine.isAnalysisDue(progress, seen), "checks that are due have a timer");
    }

    void judgedWhenDue(Progress progress, Facts seen) {
        see(progress, seen, null, null);
        look.must(RolloutMachine.isAnalysisDue(progress, seen) == look.isDue(), "checks are due at their interval");
    }
}
