package dev.tatara.operator.inferenceservice.analysis;

import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import java.util.Map;

/**
 * What was measured for one look at a candidate.
 *
 * @param timeline what the pods counted since the stage began
 * @param answers of sources outside, by name of the check
 */
record Measurements(Timeline timeline, Map<String, Answer> answers) {
    Measurements {
        answers = Map.copyOf(answers);
    }

    /** What a source outside says. */
    sealed interface Answer {
        /** A figure. */
        record Value(double value) implements Answer {}

        /** Whether a Job of the user's has passed. */
        record Ended(boolean passed, String message) implements Answer {}

        /** What a step of ours came to. */
        record Found(CheckResult result) implements Answer {}

        /** Nothing to judge by, and why. */
        record None(String why) implements Answer {}
    }
}
