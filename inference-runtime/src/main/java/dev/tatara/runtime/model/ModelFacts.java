package dev.tatara.runtime.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What people said of a model that its file doesn't say.
 *
 * @param features names of the columns of the only input, in order; empty if nobody named them
 * @param classes names of the classes in the order of the model's probabilities; empty if nobody named them
 * @param task such as Classification or Regression
 * @param trainedAt as it was written
 * @param metrics by name, as measured when it was trained
 */
public record ModelFacts(
        List<String> features,
        List<String> classes,
        Optional<String> task,
        Optional<String> trainedAt,
        Map<String, Double> metrics) {

    /** Nobody said anything. */
    public static final ModelFacts NONE =
            new ModelFacts(List.of(), List.of(), Optional.empty(), Optional.empty(), Map.of());

    public ModelFacts {
        features = List.copyOf(features);
        classes = List.copyOf(classes);
        metrics = Map.copyOf(metrics);
    }
}
