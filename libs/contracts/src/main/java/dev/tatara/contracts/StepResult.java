package dev.tatara.contracts;

import java.util.Objects;

/**
 * The end of a step, as it stands in {@code result.json} and in the termination message.
 *
 * @param schema version of this envelope; a reader refuses what it doesn't know
 * @param step the command's name, for example {@code inspect-model}
 * @param outcome what kind of end it was
 * @param reason one CamelCase word, fit for a condition's reason
 * @param message what happened and what to do about it, for people; at most {@value #MAX_MESSAGE} characters
 * @param details what the step found out; {@code null} where it got to know nothing
 * @param <D> the record of the step's findings, for example {@link ModelInspection}
 */
public record StepResult<D>(String schema, String step, Outcome outcome, String reason, String message, D details) {
    public static final String SCHEMA = "tatara.dev/step-result/v1";

    /** A termination message holds 4096 bytes; the rest of the envelope needs room too. */
    public static final int MAX_MESSAGE = 1024;

    public StepResult {
        Objects.requireNonNull(schema, "schema");
        Objects.requireNonNull(step, "step");
        Objects.requireNonNull(outcome, "outcome");
        Objects.requireNonNull(reason, "reason");
        message = message == null ? "" : message;
        if (message.length() > MAX_MESSAGE) {
            message = message.substring(0, MAX_MESSAGE - 1) + "…";
        }
    }

    public static <D> StepResult<D> succeeded(String step, String message, D details) {
        return new StepResult<>(SCHEMA, step, Outcome.Succeeded, "Succeeded", message, details);
    }

    public static <D> StepResult<D> rejected(String step, String reason, String message, D details) {
        return new StepResult<>(SCHEMA, step, Outcome.Rejected, reason, message, details);
    }

    public static <D> StepResult<D> failed(String step, String reason, String message) {
        return new StepResult<>(SCHEMA, step, Outcome.Failed, reason, message, null);
    }
}
