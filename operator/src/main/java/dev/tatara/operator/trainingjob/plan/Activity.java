package dev.tatara.operator.trainingjob.plan;

import java.time.Instant;

/** What is going on with a training. */
public sealed interface Activity {
    /** Nothing, until something asks for a run. */
    record Idle() implements Activity {}

    /**
     * A run was asked for, and what it needs isn't there yet.
     *
     * @param reason one CamelCase word
     * @param message what is missing, and what to do
     */
    record Awaiting(String reason, String message) implements Activity {}

    /**
     * A run is under way.
     *
     * @param reason that of a step that goes on as it should, or what holds it up
     * @param message what is going on, and what to do where something holds it up
     * @param isHeldUp whether it doesn't get on
     */
    record Running(String reason, String message, boolean isHeldUp) implements Activity {}

    /**
     * A step failed and is tried again.
     *
     * @param reason why it failed
     * @param message why, for people
     */
    record Retrying(String reason, String message, Instant until) implements Activity {}

    /** Nothing starts and nothing runs, since somebody wants it so. */
    record Suspended() implements Activity {}

    /** Nothing starts, since the specification can't be honoured. */
    record Refused(String reason, String message) implements Activity {}
}
