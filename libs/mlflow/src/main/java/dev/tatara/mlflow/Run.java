package dev.tatara.mlflow;

import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * A run as MLflow has it.
 *
 * @param id 32 hexadecimal digits
 * @param experimentId the experiment it belongs to
 * @param status its state
 * @param startedAt when it began, in milliseconds
 * @param artifactUri folder of its artifacts
 * @param isDeleted whether somebody put it into the bin
 * @param params parameters by name
 * @param metrics names of its metrics
 * @param tags tags by name
 */
public record Run(
        String id,
        String experimentId,
        RunStatus status,
        Instant startedAt,
        String artifactUri,
        boolean isDeleted,
        Map<String, String> params,
        Set<String> metrics,
        Map<String, String> tags) {
    public Run {
        params = Map.copyOf(params);
        metrics = Set.copyOf(metrics);
        tags = Map.copyOf(tags);
    }
}
