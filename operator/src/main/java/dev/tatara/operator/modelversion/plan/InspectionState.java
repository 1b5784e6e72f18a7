package dev.tatara.operator.modelversion.plan;

import dev.tatara.contracts.ModelInspection;
import dev.tatara.contracts.StepResult;
import java.time.Instant;

/** How far an inspection is, as its Job and pod show it. */
public sealed interface InspectionState {
    /**
     * Not at its end yet.
     *
     * @param reason {@link #UNDER_WAY}, or what holds it up: {@code ImagePullFailed}, {@code Unschedulable}, ...
     * @param message what is going on, and what to do where something holds it up
     * @param lookAgain whether the objects may stay as they are while what they mean changes with time
     */
    record Running(String reason, String message, boolean lookAgain) implements InspectionState {
        public boolean isHeldUp() {
            return !reason.equals(UNDER_WAY);
        }
    }

    /** At its end, with a result of the step or one that says how the pod ended. */
    record Ended(StepResult<ModelInspection> result, Instant at) implements InspectionState {}

    /** Reason of an inspection that goes on as it should. */
    String UNDER_WAY = "Verifying";
}
