package dev.tatara.operator.steps;

import dev.tatara.contracts.StepResult;
import java.time.Instant;

/**
 * How far a step is, as its Job and pod show it.
 *
 * @param <D> record of the step's findings
 */
public sealed interface StepState<D> {
    /**
     * Not at its end yet.
     *
     * @param reason that of a step that goes on as it should, or what holds it up: {@code ImagePullFailed},
     *     {@code Unschedulable}, ...
     * @param message what is going on, and what to do where something holds it up
     * @param isHeldUp whether it doesn't get on
     * @param lookAgain whether the objects may stay as they are while what they mean changes with time
     */
    record Running<D>(String reason, String message, boolean isHeldUp, boolean lookAgain) implements StepState<D> {
        /** When to look again; {@code null} where an event will tell. */
        public Instant lookAgainAt(Instant now) {
            return lookAgain ? now.plus(StepReader.LOOK_AGAIN) : null;
        }
    }

    /** At its end, with a result of the step or one that says how the pod ended. */
    record Ended<D>(StepResult<D> result, Instant at) implements StepState<D> {}
}
