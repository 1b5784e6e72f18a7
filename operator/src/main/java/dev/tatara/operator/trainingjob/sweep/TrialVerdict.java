package dev.tatara.operator.trainingjob.sweep;

import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.Published;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.steps.StepState.Ended;
import dev.tatara.operator.trainingjob.sweep.TrialEntry.End;
import dev.tatara.operator.trainingjob.sweep.TrialEntry.State;
import dev.tatara.operator.trainingjob.train.TrainerJob;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** What the end of an attempt means for its trial. */
sealed interface TrialVerdict {
    /** What the trainer said isn't known yet. */
    record Unknown() implements TrialVerdict {}

    /** The trial ended, or is tried again. */
    record Final(TrialEntry entry) implements TrialVerdict {}

    /** Other hyperparameters wouldn't help: so will all trials end. */
    record Hopeless(TrialEntry entry, SweepEnd.Failed end) implements TrialVerdict {}

    /** How long an end is waited with for the log; after that it isn't there any more. */
    Duration LOG_GRACE = Duration.ofSeconds(60);

    /** Rejections that have nothing to do with hyperparameters. */
    Set<String> HOPELESS = Set.of("ImagePullFailed", "TrainerNotStarted");

    /** Judges one. */
    static TrialVerdict of(
            TrainingJobSpec spec, TrialEntry entry, TrialAttempt attempt, Ended<Published> ended, Instant now) {
        var result = ended.result();
        return result.outcome() == Outcome.Succeeded
                ? ended(spec, entry, attempt, ended, now)
                : failed(spec, entry, attempt, result, now);
    }

    private static TrialVerdict ended(
            TrainingJobSpec spec, TrialEntry entry, TrialAttempt attempt, Ended<Published> ended, Instant now) {
        var metric = spec.sweep().objective().metric();
        var published = ended.result().details();
        var log = attempt.log();
        var value = published.metrics().get(metric);
        var isLogWanted = attempt.state().logPod() != null && (value == null || SweepState.medianStop(spec));
        if (isLogWanted && log == null && now.isBefore(ended.at().plus(LOG_GRACE))) {
            return new Unknown();
        }
        if (value == null && log != null) {
            value = log.metrics().get(metric);
        }
        if (value != null && Double.isFinite(value)) {
            var averages = SweepState.medianStop(spec) && log != null && log.isWhole()
                    ? Averages.of(log.reports())
                    : List.<Double>of();
            return new Final(entry.ended(State.Completed, new End(value, null, null, averages)));
        }
        if (published.metricsDropped().contains(metric)
                || (log != null && log.notNumbers().contains(metric))) {
            return new Final(entry.ended(
                    State.Diverged,
                    End.because("ObjectiveNotANumber", metric + " is NaN or infinite at the end of the training")));
        }
        if (TrainerJob.recalls(attempt.job())) {
            // It was told in a log that is gone.
            return new Final(entry.again(
                    entry.failures(),
                    null,
                    End.because("ObjectiveLost", "only the log of a pod that is gone said " + metric)));
        }
        return new Final(entry.ended(
                State.Failed,
                End.because(
                        "ObjectiveMissing",
                        "neither metrics.json (" + names(published) + ") nor the trainer's output (a line with "
                                + metric
                                + "=…) says " + metric
                                + "; let the trainer write it, or choose another spec.sweep.objective.metric")));
    }

    private static String names(Published published) {
        return published.metrics().isEmpty()
                ? "which has no metrics"
                : "which has " + String.join(", ", published.metrics().keySet());
    }

    private static TrialVerdict failed(
            TrainingJobSpec spec, TrialEntry entry, TrialAttempt attempt, StepResult<Published> result, Instant now) {
        var end = End.because(result.reason(), result.message());
        if (attempt.state().isFree()) {
            return new Final(entry.again(entry.failures(), null, end));
        }
        var isRejected = result.outcome() == Outcome.Rejected;
        if (isRejected && (HOPELESS.contains(result.reason()) || TrainerJob.FETCH.equals(result.step()))) {
            return new Hopeless(entry.ended(State.Failed, end), new SweepEnd.Failed(result.reason(), result.message()));
        }
        if (isRejected || attempt.state().isTrainers() || entry.failures() >= SweepPlanner.retries(spec)) {
            return new Final(entry.ended(State.Failed, end));
        }
        return new Final(entry.again(entry.failures() + 1, now.plus(SweepPlanner.retryDelay(spec)), end));
    }
}
