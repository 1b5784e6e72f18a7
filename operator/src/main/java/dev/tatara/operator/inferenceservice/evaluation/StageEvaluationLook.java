package dev.tatara.operator.inferenceservice.evaluation;

import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.operator.steps.StepReader;
import dev.tatara.operator.steps.StepSettings;
import dev.tatara.operator.steps.StepState;
import dev.tatara.operator.steps.StepTerms;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * What is found so far, and which evaluation is to begin. Pure.
 *
 * @param results the latest there are; insufficient data before the first
 * @param start the Job to create, {@code null} if none is due
 * @param obsolete Jobs that later ones followed
 */
record StageEvaluationLook(List<CheckResult> results, Job start, List<Job> obsolete) {
    /** Evaluations whose Job stays, for its log, and for its result while the next one is under way. */
    private static final int KEPT = 3;

    StageEvaluationLook {
        results = List.copyOf(results);
        obsolete = List.copyOf(obsolete);
    }

    /**
     * Looks.
     *
     * @param jobs of this evaluation
     * @param pods at least those of the Jobs
     */
    static <D> StageEvaluationLook at(
            StageEvaluation<D> evaluation,
            Collection<Job> jobs,
            Collection<Pod> pods,
            StepSettings settings,
            Duration deadline,
            Instant now) {
        var newestFirst = jobs.stream()
                .sorted(Comparator.comparingInt(StageEvaluationJob::numberOf).reversed())
                .toList();
        var terms = terms(evaluation, settings, deadline);
        List<CheckResult> results = null;
        var isUnderWay = false;
        for (var job : newestFirst) {
            var state = StepReader.read(job, pods, terms, now);
            if (state instanceof StepState.Ended<D> ended) {
                var latest = results(evaluation, ended.result());
                results = isUnderWay ? evaluation.meanwhile(latest) : latest;
                break;
            }
            if (state instanceof StepState.Running<D> running && !isUnderWay) {
                isUnderWay = true;
                results = evaluation.insufficient(running.message());
            }
        }
        var latest = newestFirst.stream().findFirst();
        var isDue = latest.flatMap(StageEvaluationJob::timeOf)
                .map(at -> !now.isBefore(at.plus(evaluation.every())))
                .orElse(true);
        var number = latest.map(StageEvaluationJob::numberOf).orElse(0);
        return new StageEvaluationLook(
                results == null ? evaluation.insufficient("the first evaluation is under way") : results,
                isDue && !isUnderWay
                        ? StageEvaluationJob.render(evaluation, number + 1, now, settings, deadline)
                        : null,
                newestFirst.stream().skip(KEPT).toList());
    }

    private static <D> List<CheckResult> results(StageEvaluation<D> evaluation, StepResult<D> result) {
        return result.outcome() != Outcome.Succeeded || result.details() == null
                ? evaluation.insufficient("the evaluation failed: " + result.reason() + ": " + result.message())
                : evaluation.results(result.details());
    }

    private static <D> StepTerms<D> terms(StageEvaluation<D> evaluation, StepSettings settings, Duration deadline) {
        return new StepTerms<>(
                evaluation.step(),
                evaluation.name(),
                evaluation.details(),
                settings.image(),
                evaluation.noun(),
                evaluation.activity(),
                "Evaluating",
                "EvaluationTimedOut",
                "EvaluationCrashed",
                deadline,
                "raise the operator's tatara.operator.drift.deadline",
                StepResult.rejected(
                        evaluation.step(),
                        "OutOfMemory",
                        "the evaluation needs more memory than the " + settings.memoryLimit()
                                + " it may use; raise the operator's tatara.operator.drift.memory-limit",
                        null));
    }
}
