package dev.tatara.operator.driftpolicy.plan;

import java.time.Instant;

/** What is going on with a policy. */
public sealed interface Activity {
    /** Nothing, until the next evaluation is due. */
    record Idle() implements Activity {}

    /**
     * A Job evaluates.
     *
     * @param reason {@link #EVALUATING}, or what holds it up
     * @param message what is going on, and what to do where something holds it up
     * @param isHeldUp whether it doesn't get on
     */
    record Running(String reason, String message, boolean isHeldUp) implements Activity {}

    /** The last attempt failed and is repeated. */
    record Waiting(Instant until) implements Activity {}

    /**
     * An evaluation is due, and what it needs isn't there yet.
     *
     * @param reason one CamelCase word
     * @param message what is missing, and what to do
     */
    record Awaiting(String reason, String message) implements Activity {}

    /** Nothing is evaluated, since somebody wants it so. */
    record Suspended() implements Activity {}

    /** Nothing is evaluated, since the specification can't be honoured. */
    record Refused(String reason, String message) implements Activity {}

    /** Reason of an evaluation that goes on as it should. */
    String EVALUATING = "Evaluating";
}
