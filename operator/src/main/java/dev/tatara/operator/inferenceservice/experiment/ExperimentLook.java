package dev.tatara.operator.inferenceservice.experiment;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.contracts.ExperimentEvaluated;
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
 * How an experiment stands, and which evaluation is to begin. Pure.
 *
 * @param result the latest there is; insufficient data before the first
 * @param start the Job to create, {@code null} if none is due
 * @param obsolete Jobs that later ones followed
 */
record ExperimentLook(CheckResult result, Job start, List<Job> obsolete) {
    /** Evaluations whose Job stays, for its log, and for its result while the next one is under way. */
    private static final int KEPT = 3;

    private static final String STEP = "experiment";

    ExperimentLook {
        obsolete = List.copyOf(obsolete);
    }

    /**
     * Looks.
     *
     * @param jobs of this experiment
     * @param pods at least those of the Jobs
     */
    static ExperimentLook at(
            Experiment experiment,
            Collection<Job> jobs,
            Collection<Pod> pods,
            StepSettings settings,
            Duration deadline,
            Instant now) {
        var newestFirst = jobs.stream()
                .sorted(Comparator.comparingInt(ExperimentJob::numberOf).reversed())
                .toList();
        var terms = terms(settings, deadline);
        CheckResult result = null;
        var isUnderWay = false;
        for (var job : newestFirst) {
            var state = StepReader.read(job, pods, terms, now);
            if (state instanceof StepState.Ended<ExperimentEvaluated> ended) {
                result = result(ended.result());
                break;
            }
            if (state instanceof StepState.Running<ExperimentEvaluated> running && !isUnderWay) {
                isUnderWay = true;
                result = insufficient(running.message());
            }
        }
        var latest = newestFirst.stream().findFirst();
        var isDue = latest.flatMap(ExperimentJob::timeOf)
                .map(at -> !now.isBefore(at.plus(experiment.every())))
                .orElse(true);
        var number = latest.map(ExperimentJob::numberOf).orElse(0);
        return new ExperimentLook(
                result == null ? insufficient("the experiment has begun; its first evaluation is under way") : result,
                isDue && !isUnderWay ? ExperimentJob.render(experiment, number + 1, now, settings, deadline) : null,
                newestFirst.stream().skip(KEPT).toList());
    }

    private static CheckResult result(StepResult<ExperimentEvaluated> result) {
        var found = result.details();
        if (result.outcome() != Outcome.Succeeded || found == null) {
            return insufficient("the evaluation failed: " + result.reason() + ": " + result.message());
        }
        var verdict =
                switch (found.verdict()) {
                    case CandidateWins -> Verdict.Passed;
                    case StableWins -> Verdict.Failed;
                    case Undecided, NoWinner, Untrusted -> Verdict.InsufficientData;
                };
        return new CheckResult(
                CheckResult.EXPERIMENT,
                found.stable().mean(),
                found.candidate().mean(),
                found.candidate().people(),
                verdict,
                found.recommendation()
                        + found.notes().stream()
                                .findFirst()
                                .map(note -> "; " + note)
                                .orElse(""));
    }

    /** That nothing can be said yet, and why. */
    static CheckResult insufficient(String why) {
        return new CheckResult(CheckResult.EXPERIMENT, null, null, 0, Verdict.InsufficientData, why);
    }

    private static StepTerms<ExperimentEvaluated> terms(StepSettings settings, Duration deadline) {
        return new StepTerms<>(
                STEP,
                ExperimentJob.CONTAINER,
                ExperimentEvaluated.class,
                settings.image(),
                "the evaluation of the experiment",
                "joins predictions with feedback",
                "Evaluating",
                "EvaluationTimedOut",
                "EvaluationCrashed",
                deadline,
                "raise the operator's tatara.operator.drift.deadline",
                StepResult.rejected(
                        STEP,
                        "OutOfMemory",
                        "the evaluation needs more memory than the " + settings.memoryLimit()
                                + " it may use; raise the operator's tatara.operator.drift.memory-limit",
                        null));
    }
}
