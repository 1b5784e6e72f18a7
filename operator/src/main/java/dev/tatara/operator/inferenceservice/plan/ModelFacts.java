package dev.tatara.operator.inferenceservice.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What pods tell of a model at {@code /model/info} and don't need for serving it. No part of what makes a revision:
 * pods tell what was known when their revision was rendered first, and what is learnt later starts no pods anew.
 *
 * @param task such as Classification; null if unknown
 * @param trainedAt as ISO 8601 has it; null if unknown
 * @param metrics as training measured them, by name
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ModelFacts(String task, String trainedAt, Map<String, Double> metrics) {
    static final ModelFacts NONE = new ModelFacts(null, null, Map.of());

    /** Names that come back from a file of settings as they are; gates know no others. */
    private static final Pattern SPEAKABLE = Pattern.compile(Grammar.IDENTIFIER);

    public ModelFacts {
        metrics = metrics == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(metrics));
    }

    static ModelFacts of(ModelVersion version) {
        var spec = version.getSpec();
        var status = version.getStatus();
        // What verification measured says as much of the machine it ran on, and stays in the status.
        var metrics = new TreeMap<>(spec.metrics());
        metrics.keySet().removeIf(name -> !SPEAKABLE.matcher(name).matches());
        metrics.values().removeIf(value -> value == null || !Double.isFinite(value));
        var trainedAt = spec.lineage() == null ? null : spec.lineage().trainedAt();
        return new ModelFacts(
                status.task() == null ? null : status.task().name(),
                trainedAt == null ? null : trainedAt.toString(),
                metrics);
    }
}
