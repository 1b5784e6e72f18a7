package dev.tatara.operator.trainingjob.plan;

import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.RunPhase;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Step;
import dev.tatara.contracts.Evaluated;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.kubernetes.ClaimUri;
import dev.tatara.operator.trainingjob.run.TrainingRun;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Which attempt at a step is the current one, and what its end leads to. */
final class Attempts {
    private static final int RETRIES = 3;
    /** Reasons of a rejection that the data aren't to blame for. */
    private static final Set<String> NOT_THE_DATA = Set.of("InvalidDefinition", "OutOfMemory", "UnsupportedScheme");

    private final TrainingRun run;
    private final LookMaker looks;
    private final Progress progress;
    private final RunClock clock;
    private final String image;

    Attempts(TrainingRun run, LookMaker looks, String image) {
        this.run = run;
        this.looks = looks;
        this.progress = looks.progress;
        this.clock = looks.clock;
        this.image = image;
    }

    /** Takes the latest attempt there is; where the next one isn't due yet, says so. */
    Optional<Look> adopt() {
        var latest = looks.latestAttempt();
        if (latest > progress.attempt) {
            // Made right before an operator ended.
            progress.begin(latest);
        }
        if (progress.nextAttemptAt == null) {
            return Optional.empty();
        }
        if (clock.now().isBefore(progress.nextAttemptAt)) {
            return Optional.of(looks.under(
                    new Activity.Retrying(progress.lastReason, trouble(progress.lastMessage), progress.nextAttemptAt),
                    List.of(),
                    looks.unendedAttempt(),
                    progress.nextAttemptAt));
        }
        progress.begin(progress.attempt + 1);
        return Optional.empty();
    }

    /**
     * An attempt that ended: nothing to say if the next step is to be looked at, else the next attempt or the end of the
     * run.
     *
     * @param isFree whether a failure uses up no retry
     */
    <D> Optional<Look> ended(StepResult<D> found, Instant at, boolean isFree, Consumer<D> succeeded) {
        var result = found.outcome() == Outcome.Succeeded && found.details() == null
                ? StepResult.<D>failed(
                        found.step(),
                        "ResultMissing",
                        "it succeeded without saying what it found; is " + image + " of the operator's own version?")
                : found;
        return switch (result.outcome()) {
            case Succeeded -> {
                looks.tell(
                        TrainingJobEvent.StepSucceeded,
                        StepWords.noun(progress.step) + " succeeded: " + ClaimUri.inWords(result.message()),
                        progress.step.name());
                succeeded.accept(result.details());
                yield Optional.empty();
            }
            case Rejected -> Optional.of(rejected(result));
            case Failed -> Optional.of(failed(result.reason(), ClaimUri.inWords(result.message()), at, isFree));
        };
    }

    /** What can't be mended by trying again. */
    private Look rejected(StepResult<?> result) {
        var message = ClaimUri.inWords(result.message());
        if (result.details() instanceof Evaluated evaluated) {
            looks.draft.metrics(evaluated.metrics());
        }
        if (progress.step == Step.Evaluate && result.reason().equals("GatesFailed")) {
            return looks.end(RunPhase.GatesFailed, result.reason(), message);
        }
        var isAboutData = progress.step == Step.Validate || progress.step == Step.Join;
        return isAboutData && !NOT_THE_DATA.contains(result.reason())
                ? looks.end(RunPhase.DataRejected, result.reason(), message)
                : looks.end(RunPhase.Failed, result.reason(), trouble(message));
    }

    /** The same again after a while, unless it has failed too often or there is no time for it. */
    private Look failed(String reason, String message, Instant at, boolean isFree) {
        var retries = run.spec().retries() == null ? RETRIES : run.spec().retries();
        var retryAt = at.truncatedTo(ChronoUnit.SECONDS).plus(isFree ? Duration.ZERO : clock.retryDelay());
        progress.failed(reason, message, !isFree, retryAt);
        if (progress.failures > retries) {
            return looks.end(
                    RunPhase.Failed,
                    reason,
                    trouble(message) + (retries == 0 ? "" : "; it was tried " + progress.failures + " times"));
        }
        if (!retryAt.isBefore(clock.deadline())) {
            return looks.end(
                    RunPhase.Failed,
                    reason,
                    trouble(message) + "; the run's " + clock.limitInWords() + " leave no time to try again: "
                            + clock.hint());
        }
        looks.tell(
                TrainingJobEvent.StepFailed,
                reason + ": " + trouble(message),
                progress.step.name() + ", attempt " + progress.attempt);
        return looks.under(new Activity.Retrying(reason, trouble(message), retryAt), List.of(), List.of(), retryAt);
    }

    private String trouble(String message) {
        var noun = StepWords.noun(progress.step);
        return message.startsWith(noun) ? message : noun + ": " + message;
    }
}
