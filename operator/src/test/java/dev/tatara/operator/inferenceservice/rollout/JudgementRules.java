package dev.tatara.operator.inferenceservice.rollout;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.api.v1alpha1.rollout.Analysis.OnInsufficientData;
import dev.tatara.api.v1alpha1.rollout.Rollout.OnFailure;
import dev.tatara.operator.inferenceservice.rollout.Progress.Pause;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/** What verdicts may lead to; counts them on its own. */
final class JudgementRules {
    private final Map<String, Integer> failures = new HashMap<>();
    private final Map<String, Verdict> verdicts = new HashMap<>();

    void beginsAnew() {
        failures.clear();
        verdicts.clear();
    }

    /** What the checks of the stage found last. */
    Map<String, Verdict> verdicts() {
        return Collections.unmodifiableMap(verdicts);
    }

    /** Holds what is noted of results against what they are. */
    void noted(Look look, Progress after) {
        look.must(look.isDue(), "checks are judged when they are due");
        look.must(look.facts().now().equals(after.analyzedAt()), "what was judged is noted with its time");
        var failed = failedAfter(look);
        for (var result : look.facts().results()) {
            count(result);
            look.must(
                    after.checks().stream()
                            .anyMatch(check -> check.name().equals(result.name())
                                    && check.verdict() == result.verdict()
                                    && check.failures().equals(failures.get(result.name()))),
                    "verdicts are noted as they are, failures in a row are counted");
        }
        look.must(after.checks().size() == look.facts().results().size(), "nothing else is noted");
        if (look.before().pause() != null && look.before().pause() != Pause.Paused) {
            look.must(after.pause() == look.before().pause(), "a pause doesn't change its reason");
            look.must(
                    failed == null || look.before().isReleased() || look.onFailure() == OnFailure.Pause,
                    "a failure rejects");
            return;
        }
        if (failed != null && !look.before().isReleased()) {
            look.must(
                    look.onFailure() == OnFailure.Pause && after.pause() == Pause.CheckFailed,
                    "a failure rejects or pauses");
            return;
        }
        if (look.stage().experiment() != null && !look.before().isReleased()) {
            look.must(
                    after.pause() == experimentsPause(look), "an experiment ends with a person, or goes on by itself");
            return;
        }
        var lacks = look.stage().analysis() != null
                && look.stage().analysis().onInsufficientData() == OnInsufficientData.Pause
                && !look.before().isReleased()
                && look.isHeld()
                && look.facts().results().stream().anyMatch(result -> result.verdict() == Verdict.InsufficientData);
        look.must(
                after.pause() == (lacks ? Pause.InsufficientData : look.before().pause()),
                "want of samples pauses where it is said");
    }

    private Pause experimentsPause(Look look) {
        return switch (verdicts.get(CheckResult.EXPERIMENT)) {
            case Passed -> look.isPromoting() ? look.before().pause() : Pause.ExperimentDecided;
            case Failed -> Pause.ExperimentDecided;
            case InsufficientData -> !look.isExperimentOver() ? look.before().pause() : Pause.ExperimentUndecided;
        };
    }

    /** The check that has failed as often as it may not, with these results; {@code null} if none has. */
    String failedAfter(Look look) {
        var limit = look.stage().analysis() == null || look.stage().analysis().failureLimit() == null
                ? 1
                : look.stage().analysis().failureLimit();
        for (var result : look.facts().results()) {
            if (result.verdict() == Verdict.Failed
                    && !result.name().equals(CheckResult.EXPERIMENT)
                    && failures.getOrDefault(result.name(), 0) + 1 >= limit) {
                return result.name();
            }
        }
        return null;
    }

    private void count(CheckResult result) {
        verdicts.put(result.name(), result.verdict());
        failures.merge(
                result.name(),
                result.verdict() == Verdict.Failed ? 1 : 0,
                (known, more) -> result.verdict() == Verdict.Passed ? 0 : known + more);
    }
}
