package dev.tatara.operator.inferenceservice.rollout;

import dev.tatara.api.v1alpha1.common.TimeSpan;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.api.v1alpha1.rollout.Analysis;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What the verdicts of a stage's checks come to. Pure. */
final class Judgement {
    /** Largest difference of two numbers that count as equal, where nothing is said. */
    static final double DEFAULT_TOLERANCE = 1e-5;

    private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(30);

    private Judgement() {}

    /** Whether anything is judged in the stage. */
    static boolean judges(Stage stage) {
        return stage.analysis() != null || stage.comparison() != null || stage.experiment() != null;
    }

    /** When checks are to be judged next, in a stage that holds. */
    static Instant dueAt(Progress progress, Stage stage) {
        return Objects.requireNonNullElse(progress.analyzedAt(), progress.heldSince())
                .plus(Optional.ofNullable(stage.analysis())
                        .map(Analysis::interval)
                        .map(TimeSpan::toDuration)
                        .orElse(DEFAULT_INTERVAL));
    }

    static double tolerance(Stage stage) {
        return stage.comparison() == null || stage.comparison().tolerance() == null
                ? DEFAULT_TOLERANCE
                : stage.comparison().tolerance();
    }

    /** The results as the status keeps them, with failures in a row counted on. Too few samples neither fail nor mend. */
    static List<CheckStatus> fold(List<CheckStatus> before, List<CheckResult> results) {
        return results.stream()
                .map(result -> {
                    var earlier = before.stream()
                            .filter(check -> check.name().equals(result.name()))
                            .findFirst()
                            .map(CheckStatus::failures)
                            .orElse(0);
                    var failures =
                            switch (result.verdict()) {
                                case Passed -> 0;
                                case Failed -> Objects.requireNonNullElse(earlier, 0) + 1;
                                case InsufficientData -> Objects.requireNonNullElse(earlier, 0);
                            };
                    return new CheckStatus(
                            result.name(),
                            result.stable(),
                            result.candidate(),
                            result.samples(),
                            result.verdict(),
                            failures,
                            result.message());
                })
                .toList();
    }

    /** The check that fails the stage; an experiment that is lost is no failure of a check. */
    static Optional<String> failure(Stage stage, List<CheckStatus> verdicts) {
        var limit = stage.analysis() == null || stage.analysis().failureLimit() == null
                ? 1
                : stage.analysis().failureLimit();
        return verdicts.stream()
                .filter(check -> check.verdict() == Verdict.Failed && check.failures() >= limit)
                .map(CheckStatus::name)
                .filter(name -> stage.experiment() == null || !name.equals(CheckResult.EXPERIMENT))
                .findFirst();
    }

    /** Whether every check that the stage has passes. */
    static boolean passes(Stage stage, List<CheckStatus> verdicts) {
        return !verdicts.isEmpty()
                && verdicts.stream().allMatch(check -> check.verdict() == Verdict.Passed)
                && (stage.analysis() == null
                        || stage.analysis().checks().stream().allMatch(asked -> verdicts.stream()
                                .anyMatch(check -> check.name().equals(asked.name()))))
                && (stage.comparison() == null || verdictOf(CheckResult.COMPARISON, verdicts) == Verdict.Passed)
                && (stage.experiment() == null || verdictOf(CheckResult.EXPERIMENT, verdicts) == Verdict.Passed);
    }

    static boolean lacksData(List<CheckStatus> verdicts) {
        return verdicts.stream().anyMatch(check -> check.verdict() == Verdict.InsufficientData);
    }

    static Verdict verdictOf(String name, List<CheckStatus> verdicts) {
        return verdicts.stream()
                .filter(check -> check.name().equals(name))
                .map(CheckStatus::verdict)
                .findFirst()
                .orElse(Verdict.InsufficientData);
    }

    /** Whether a failure of the check is one of the model's answers, and not of something that a person named. */
    static boolean blamesModel(Stage stage, String name) {
        return name.equals(CheckResult.COMPARISON)
                || (stage.analysis() != null
                        && stage.analysis().checks().stream()
                                .anyMatch(check -> check.name().equals(name) && Stages.needsRequests(check)));
    }

    /** The failure in words. */
    static String describe(String name, List<CheckStatus> verdicts) {
        return "check " + name + " failed"
                + verdicts.stream()
                        .filter(check -> check.name().equals(name) && check.message() != null)
                        .findFirst()
                        .map(check -> ": " + check.message())
                        .orElse("");
    }
}
