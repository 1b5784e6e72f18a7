package dev.tatara.operator.inferenceservice.plan;

import java.util.List;

/** What a service's {@code spec.model} comes to. */
public sealed interface ModelChoice {
    /**
     * A verified model that may be served.
     *
     * @param facts what else is known of it
     * @param views the views that features are looked up in; empty where none are
     */
    record Chosen(ServedModel model, ModelFacts facts, List<LookedUpView> views) implements ModelChoice {
        public Chosen {
            views = List.copyOf(views);
        }

        Chosen(ServedModel model, ModelFacts facts) {
            this(model, facts, List.of());
        }
    }

    /**
     * Nothing to serve yet. What serves stays; the service goes on by itself when the cause goes.
     *
     * @param reason fit for a condition
     * @param message cause and what to do next
     */
    record Waiting(String reason, String message) implements ModelChoice {}
}
