package dev.tatara.operator.inferenceservice.rollout;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.api.v1alpha1.rollout.AbTest;
import dev.tatara.api.v1alpha1.rollout.Rollout.OnFailure;
import dev.tatara.operator.inferenceservice.rollout.Progress.Pause;
import java.time.Duration;
import java.util.Map;

/**
 * One look at a rollout, in the words of its spec: written down a second time here, nothing of the machine is asked.
 *
 * @param before where the rollout stood; {@code null} for none
 * @param acknowledged how every router is known to divide requests
 * @param verdicts what the checks of the stage found last
 * @param decision what was decided
 */
record Look(Progress before, Facts facts, Routing acknowledged, Map<String, Verdict> verdicts, Decision decision) {
    private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(30);
    private static final Duration DEFAULT_EXPERIMENT = Duration.ofDays(14);

    void must(boolean holds, String rule) {
        if (!holds) {
            throw new AssertionError(rule + "\nprogress " + before + "\nfacts " + facts + "\ndecision " + decision);
        }
    }

    Stage stage() {
        return facts.stages().get(before.stage());
    }

    boolean isLast() {
        return before.stage() == facts.stages().size() - 1;
    }

    /** Whether the stages are others than those that the rollout began to go through. */
    boolean isMoved() {
        return before.stage() >= facts.stages().size() || !stage().name().equals(before.stageName());
    }

    boolean isWanted(String revision) {
        return facts.asked() != null
                && !facts.isRejected()
                && facts.asked().revision().equals(revision)
                && !facts.stable().revision().equals(revision);
    }

    boolean isRejected(String revision) {
        return facts.rejections().stream()
                .anyMatch(rejection -> rejection.revision().equals(revision));
    }

    boolean isPausedByItself() {
        return before.pause() != null && before.pause() != Pause.Paused;
    }

    boolean isGoing() {
        return before.pause() == null && !facts.isPaused();
    }

    /** Whether every router divides requests as the candidate has them by now. */
    boolean isKnownToRouters() {
        return before.weight() == 0 || acknowledged.weightOf(before.revision()) == before.weight();
    }

    boolean isConverged() {
        return facts.convergence() != null && facts.convergence().isComplete();
    }

    OnFailure onFailure() {
        return facts.terms().onFailure() == null
                ? OnFailure.Rollback
                : facts.terms().onFailure();
    }

    int podsNeeded() {
        var percent = Math.max(stage().weight(), stage().shadowPercent());
        var all = facts.stablePods();
        return switch (stage().pods()) {
            case Stage.Pods.Full _ -> all;
            case Stage.Pods.Proportional _ -> Math.max(1, (all * percent + 99) / 100);
            case Stage.Pods.Fixed(int count) -> percent < 100 ? count : Math.max(count, all);
        };
    }

    boolean isAvailable() {
        return facts.candidate().exist() && facts.candidate().available() >= podsNeeded();
    }

    boolean isOverdue() {
        var pods = facts.candidate();
        if (!pods.exist() || isAvailable()) {
            return false;
        }
        var since = pods.unavailableSince() != null && pods.unavailableSince().isAfter(before.enteredAt())
                ? pods.unavailableSince()
                : before.enteredAt();
        return Duration.between(since, facts.now()).compareTo(facts.terms().progressDeadline()) >= 0;
    }

    boolean isHeld() {
        return Duration.between(before.heldSince(), facts.now()).compareTo(stage().hold()) >= 0;
    }

    boolean isDue() {
        if (before == null
                || before.heldSince() == null
                || !isWanted(before.revision())
                || before.strategy() != facts.strategy()
                || isMoved()
                || !hasChecks()) {
            return false;
        }
        var interval = stage().analysis() == null || stage().analysis().interval() == null
                ? DEFAULT_INTERVAL
                : stage().analysis().interval().toDuration();
        var last = before.analyzedAt() == null ? before.heldSince() : before.analyzedAt();
        return Duration.between(last, facts.now()).compareTo(interval) >= 0;
    }

    /** Whether every check of the stage passed when it was judged last. */
    boolean passes() {
        if (!hasChecks()) {
            return true;
        }
        return !verdicts.isEmpty()
                && verdicts.values().stream().allMatch(verdict -> verdict == Verdict.Passed)
                && (stage().analysis() == null
                        || stage().analysis().checks().stream().allMatch(check -> verdicts.containsKey(check.name())))
                && (stage().comparison() == null || verdicts.containsKey(CheckResult.COMPARISON))
                && (stage().experiment() == null || verdicts.containsKey(CheckResult.EXPERIMENT));
    }

    boolean hasChecks() {
        return stage().analysis() != null || stage().comparison() != null || stage().experiment() != null;
    }

    boolean isStalled() {
        return stage().experiment() == null
                && (stage().manual() || !isHeld() || !passes())
                && Duration.between(before.heldSince(), facts.now())
                                .compareTo(stage().hold().plus(facts.terms().stepTimeout()))
                        >= 0;
    }

    boolean isExperimentOver() {
        var longest = stage().experiment().maxDuration();
        return !facts.now()
                .isBefore(before.heldSince().plus(longest == null ? DEFAULT_EXPERIMENT : longest.toDuration()));
    }

    boolean isLost() {
        return stage().experiment() != null
                && facts.results().stream()
                        .anyMatch(result ->
                                result.name().equals(CheckResult.EXPERIMENT) && result.verdict() == Verdict.Failed);
    }

    boolean isPromoting() {
        return stage().experiment().winner() == AbTest.Winner.Promote;
    }

    /** Whether nothing stands between the candidate and the Service any more. */
    boolean isThrough() {
        return isLast()
                && isGoing()
                && isAvailable()
                && (stage().atOnce()
                        || (before.heldSince() != null
                                && isConverged()
                                && (before.isReleased() || (!stage().manual() && isHeld() && passes()))));
    }
}
