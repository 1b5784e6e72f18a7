package dev.tatara.operator.featureview.plan;

import java.time.Instant;

/** What is going on with a view. */
public sealed interface Activity {
    /** Nothing, until something asks for it. */
    record Idle() implements Activity {}

    /**
     * A Job computes features.
     *
     * @param reason {@link #MATERIALIZING}, or what holds it up
     * @param message what is going on, and what to do where something holds it up
     * @param isHeldUp whether it doesn't get on
     */
    record Running(String reason, String message, boolean isHeldUp) implements Activity {}

    /** The last attempt failed and is repeated. */
    record Waiting(Instant until) implements Activity {}

    /** Nothing starts, since somebody wants it so. */
    record Suspended() implements Activity {}

    /** Nothing starts, since the specification can't be honoured. */
    record Refused(String reason, String message) implements Activity {}

    /** Reason of a materialization that goes on as it should. */
    String MATERIALIZING = "Materializing";
}
