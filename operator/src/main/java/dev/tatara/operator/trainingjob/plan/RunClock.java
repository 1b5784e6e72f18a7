package dev.tatara.operator.trainingjob.plan;

import dev.tatara.api.v1alpha1.common.TimeSpan;
import dev.tatara.operator.trainingjob.run.RunSettings;
import dev.tatara.operator.trainingjob.run.TrainingRun;
import java.time.Duration;
import java.time.Instant;

/**
 * The time that a run has.
 *
 * @param limit how long it may take
 * @param deadline when it is ended; the time that it was suspended doesn't count
 * @param now the time of the decision
 * @param step how long an attempt at a step may take
 * @param retryDelay time before another attempt
 * @param isOwn whether the run has a limit of its own
 */
record RunClock(Duration limit, Instant deadline, Instant now, Duration step, Duration retryDelay, boolean isOwn) {
    private static final Duration RETRY_DELAY = Duration.ofMinutes(5);

    static RunClock of(TrainingRun run, Duration paused, RunSettings settings, Instant now) {
        var own = run.spec().activeDeadline();
        var limit = own == null ? settings.runDeadline() : own.toDuration();
        var deadline = run.startedAt().plus(limit).plus(paused);
        var delay = run.spec().retryDelay();
        return new RunClock(
                limit,
                deadline,
                now,
                settings.stepDeadline(),
                delay == null ? RETRY_DELAY : delay.toDuration(),
                own != null);
    }

    boolean isOver() {
        return !now.isBefore(deadline);
    }

    /** How long the run may still take. */
    Duration left() {
        return Duration.between(now, deadline);
    }

    /** How long an attempt at a step that starts now may take. */
    Duration stepDeadline() {
        return left().compareTo(step) < 0 ? left() : step;
    }

    String limitInWords() {
        return TimeSpan.of(limit).text();
    }

    /** What to do when that isn't enough, as the end of a sentence. */
    String hint() {
        return isOwn ? "raise spec.activeDeadline to allow more" : "set spec.activeDeadline to allow more";
    }
}
