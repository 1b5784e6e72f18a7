package dev.tatara.operator.trainingjob.sweep;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.contracts.Published;

/** How a sweep ended. */
public sealed interface SweepEnd {
    /**
     * With a best trial.
     *
     * @param trial its number
     * @param parameters its hyperparameters, of those that were searched
     * @param value its objective
     * @param published its model and what else it published
     * @param imageId its trainer's image as the kubelet knows it; {@code null} where it isn't known
     */
    record Best(int trial, ObjectNode parameters, double value, Published published, String imageId)
            implements SweepEnd {}

    /**
     * Without one.
     *
     * @param reason one CamelCase word
     * @param message what happened, and what to do
     */
    record Failed(String reason, String message) implements SweepEnd {}
}
