package dev.tatara.operator.inferenceservice.rollout;

import dev.tatara.api.v1alpha1.common.TimeSpan;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.operator.kubernetes.Labels;
import java.time.Duration;
import java.util.stream.Collectors;

/** What people read of a rollout while it waits. */
final class Words {
    private Words() {}

    static String span(Duration duration) {
        return TimeSpan.of(duration).text();
    }

    /** What a rollout waits for, without anything that changes by time alone. */
    static String waiting(Progress progress, Stage stage, Facts facts, boolean isAvailable) {
        var step = facts.stages().size() == 1
                ? ""
                : "step " + (progress.stage() + 1) + "/" + facts.stages().size() + " " + stage.name() + ": ";
        return step + (progress.pause() != null ? paused(progress, facts) : going(progress, stage, facts, isAvailable));
    }

    private static String going(Progress progress, Stage stage, Facts facts, boolean isAvailable) {
        if (!isAvailable) {
            var wanted = stage.candidatePods(facts.stablePods());
            return "waiting for pods of " + name(facts) + ": "
                    + Math.min(facts.candidate().available(), wanted) + " of " + wanted + " ready"
                    + (facts.candidate().trouble() == null
                            ? ""
                            : "; " + facts.candidate().trouble());
        }
        if (progress.heldSince() == null) {
            var convergence = facts.convergence();
            return "waiting until every pod has acknowledged " + stage.weight() + " %"
                    + (convergence == null || convergence.message().isEmpty() ? "" : ": " + convergence.message());
        }
        if (progress.isReleased()) {
            return "going on to the end, as somebody asked";
        }
        var until = progress.heldSince().plus(stage.hold());
        if (facts.now().isBefore(until)) {
            return "holding " + stage.weight() + " % until " + until + failing(progress);
        }
        if (Judgement.judges(stage) && progress.analyzedAt() == null) {
            return "waiting for the first verdict";
        }
        if (Judgement.judges(stage) && !Judgement.passes(stage, progress.checks())) {
            return "waiting for checks" + failing(progress);
        }
        return stage.manual() ? "waiting for somebody: " + toGoOn(progress, facts) : "going on";
    }

    /** The checks that don't pass yet, with what they found. */
    private static String failing(Progress progress) {
        var open = progress.checks().stream()
                .filter(check -> check.verdict() != Verdict.Passed)
                .map(check -> check.name() + (check.message() == null ? "" : " (" + check.message() + ")"))
                .collect(Collectors.joining(", "));
        return open.isEmpty() ? "" : ": " + open;
    }

    private static String paused(Progress progress, Facts facts) {
        return switch (progress.pause()) {
            case Paused -> "paused by spec.rollout.paused; set it to false to go on";
            case CheckFailed ->
                "paused" + failing(progress) + "; " + toGoOn(progress, facts) + ", or " + toGiveUp(progress, facts);
            case NotReady ->
                "paused: pods of " + name(facts) + " weren't ready in time"
                        + facts.candidate().whyUnready()
                        + "; put that right and annotate "
                        + annotation("retry", progress, facts.handled().retry()) + ", or "
                        + toGiveUp(progress, facts);
            case StepTimeout ->
                "paused after waiting for " + span(facts.terms().stepTimeout()) + failing(progress) + "; "
                        + toGoOn(progress, facts) + ", or " + toGiveUp(progress, facts);
            case InsufficientData ->
                "paused for want of samples" + failing(progress) + "; " + toGoOn(progress, facts) + ", annotate "
                        + annotation("retry", progress, facts.handled().retry()) + " to wait on, or "
                        + toGiveUp(progress, facts);
            case ExperimentDecided ->
                "the experiment is decided" + results(progress) + "; " + toGoOn(progress, facts) + ", or "
                        + toGiveUp(progress, facts);
            case ExperimentUndecided ->
                "the experiment has ended without a decision" + results(progress) + "; " + toGoOn(progress, facts)
                        + ", or " + toGiveUp(progress, facts);
        };
    }

    private static String results(Progress progress) {
        return progress.checks().stream()
                .filter(check -> check.name().equals(CheckResult.EXPERIMENT) && check.message() != null)
                .findFirst()
                .map(check -> ": " + check.message())
                .orElse("");
    }

    private static String toGoOn(Progress progress, Facts facts) {
        return "annotate " + annotation("promote", progress, facts.handled().promote()) + " to go on";
    }

    private static String toGiveUp(Progress progress, Facts facts) {
        return annotation("abort", progress, facts.handled().abort()) + " to give up";
    }

    /** A value that was acted upon stays without effect until its annotation goes. */
    private static String annotation(String name, Progress progress, String handled) {
        return Labels.GROUP + "/" + name + "=" + progress.revision()
                + (progress.revision().equals(handled) ? " (remove it first: it has had its effect)" : "");
    }

    private static String name(Facts facts) {
        return facts.asked().modelVersion() == null
                ? "revision " + facts.asked().revision()
                : facts.asked().modelVersion();
    }
}
