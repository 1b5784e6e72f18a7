package dev.tatara.operator.trainingjob.sweep;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;

/**
 * What is remembered of a trial.
 *
 * @param number from 1
 * @param parameters its hyperparameters; {@code null} where they had to be forgotten for want of room
 * @param state how far it is
 * @param attempt the attempt that runs or is due, or that was the last
 * @param failures attempts that failed and count
 * @param notBefore when the attempt may start; {@code null} at once
 * @param end how it ended, or how the attempt before this one did
 */
record TrialEntry(
        int number, ObjectNode parameters, State state, int attempt, int failures, Instant notBefore, End end) {

    /** How far a trial is. */
    enum State {
        /** Its Job runs, or is due. */
        Running,
        /** It ended well. */
        Completed,
        /** It promised nothing and was stopped. */
        Stopped,
        /** It failed. */
        Failed,
        /** Its objective is no number. */
        Diverged
    }

    /**
     * How a trial ended.
     *
     * @param value the objective; NaN where there is none
     * @param reason why it failed or was stopped, one CamelCase word; {@code null} where neither
     * @param message the same for people; {@code null} where it was forgotten for want of room
     * @param averages what it had reported on average on its way, see {@link Averages}; empty where nobody compares
     */
    record End(double value, String reason, String message, List<Double> averages) {
        static final End NONE = new End(Double.NaN, null, null, List.of());

        private static final int MAX_MESSAGE = 300;

        End {
            averages = List.copyOf(averages);
            message = message == null || message.length() <= MAX_MESSAGE
                    ? message
                    : message.substring(0, MAX_MESSAGE) + "…";
        }

        static End because(String reason, String message) {
            return new End(Double.NaN, reason, message, List.of());
        }
    }

    static TrialEntry starting(int number, ObjectNode parameters, int attempt) {
        return new TrialEntry(number, parameters, State.Running, attempt, 0, null, End.NONE);
    }

    TrialEntry ended(State how, End end) {
        return new TrialEntry(number, parameters, how, attempt, failures, null, end);
    }

    /** The same with another attempt to come. */
    TrialEntry again(int failed, Instant start, End before) {
        return new TrialEntry(number, parameters, State.Running, attempt + 1, failed, start, before);
    }

    TrialEntry withoutParameters() {
        return new TrialEntry(number, null, state, attempt, failures, notBefore, end);
    }

    TrialEntry withoutMessage() {
        return withEnd(new End(end.value(), end.reason(), null, end.averages()));
    }

    TrialEntry withoutAverages() {
        return withEnd(new End(end.value(), end.reason(), end.message(), List.of()));
    }

    boolean isRunning() {
        return state == State.Running;
    }

    private TrialEntry withEnd(End other) {
        return new TrialEntry(number, parameters, state, attempt, failures, notBefore, other);
    }
}
