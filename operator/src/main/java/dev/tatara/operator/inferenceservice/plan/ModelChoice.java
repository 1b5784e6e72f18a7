package dev.tatara.operator.inferenceservice.plan;

/** What a service's {@code spec.model} comes to. */
public sealed interface ModelChoice {
    /**
     * A verified model that may be served.
     *
     * @param facts what else is known of it
     */
    record Chosen(ServedModel model, ModelFacts facts) implements ModelChoice {}

    /**
     * Nothing to serve yet. What serves stays; the service goes on by itself when the cause goes.
     *
     * @param reason fit for a condition
     * @param message cause and what to do next
     */
    record Waiting(String reason, String message) implements ModelChoice {}
}
