package dev.tatara.contracts;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What {@code publish} put into the artifact store of what a trainer left behind. Of output that was rejected it says
 * what was kept all the same.
 *
 * @param model the model; {@code null} only where the output was rejected for it
 * @param metrics the trainer's metrics by name, those that are numbers; names of nested ones are joined by dots. The
 *     one that was asked for as objective comes first, so that it is left out last
 * @param metricsDropped names of metrics that are no finite numbers
 * @param artifacts the other files
 * @param progress lines of progress, one JSON object each; {@code null} where the trainer wrote none
 * @param truncated whether metrics or names of dropped ones were left out so that the result fits a termination message
 */
public record Published(
        StoredFile model,
        Map<String, Double> metrics,
        List<String> metricsDropped,
        Artifacts artifacts,
        StoredFile progress,
        boolean truncated) {
    public Published {
        metrics = metrics == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
        metricsDropped = metricsDropped == null ? List.of() : List.copyOf(metricsDropped);
        Objects.requireNonNull(artifacts, "artifacts");
    }

    /**
     * A file in the store.
     *
     * @param uri where it lies
     * @param sha256 its digest, 64 lower-case hexadecimal digits
     * @param sizeBytes its length
     */
    public record StoredFile(String uri, String sha256, long sizeBytes) {
        public StoredFile {
            Objects.requireNonNull(uri, "uri");
            Objects.requireNonNull(sha256, "sha256");
        }
    }

    /**
     * The files of the trainer's folder {@code artifacts}.
     *
     * @param uri the folder in the store
     * @param count files in it
     * @param bytes their lengths together
     * @param leftOut files that were not kept: beyond the bounds, links, or with names that no key can have
     */
    public record Artifacts(String uri, int count, long bytes, int leftOut) {
        public Artifacts {
            Objects.requireNonNull(uri, "uri");
        }
    }

    /**
     * The same in fewer bytes: first without names of what was dropped, then with half of the metrics, the first ones.
     *
     * @return nothing where only what is always needed is left
     */
    public Optional<Published> shorter() {
        if (!metricsDropped.isEmpty()) {
            return Optional.of(with(metrics, List.of()));
        }
        if (metrics.size() <= 1) {
            return metrics.isEmpty() ? Optional.empty() : Optional.of(with(Map.of(), List.of()));
        }
        var fewer = new LinkedHashMap<String, Double>();
        metrics.entrySet().stream()
                .limit((metrics.size() + 1) / 2)
                .forEach(entry -> fewer.put(entry.getKey(), entry.getValue()));
        return Optional.of(with(fewer, List.of()));
    }

    private Published with(Map<String, Double> someMetrics, List<String> someDropped) {
        return new Published(model, someMetrics, someDropped, artifacts, progress, true);
    }
}
