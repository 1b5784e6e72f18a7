package dev.tatara.runtime.observation;

import dev.tatara.runtime.observation.Uploads.Kind;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.Pane.Column;
import dev.tatara.statistics.Pane.Role;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Meters of all that is observed: what is seen, stored and lost. */
final class ObservationMeters implements Uploads.Listener {
    private static final int MOST_FEATURES = 100;
    private static final double[] RANKS = {0.05, 0.5, 0.95};

    private final MeterRegistry registry;
    private final Map<Kind, Counter> stored = new EnumMap<>(Kind.class);
    private final Map<Kind, Counter> records = new EnumMap<>(Kind.class);
    private final Map<Kind, Counter> dropped = new EnumMap<>(Kind.class);
    private final Map<Kind, Counter> failures = new EnumMap<>(Kind.class);
    private final Map<String, double[]> distributions = new ConcurrentHashMap<>();

    ObservationMeters(MeterRegistry registry) {
        this.registry = registry;
        for (Kind kind : Kind.values()) {
            stored.put(kind, counter("store_files", kind, "Files written to the artifact store"));
            failures.put(
                    kind, counter("store_write_failures", kind, "Attempts to write to the artifact store that failed"));
            records.put(kind, counter("store_records", kind, "Records (panes, requests, predictions, labels) written"));
        }
        dropped.put(Kind.PANE, dropped("panes_dropped", "Panes that never reached the store"));
        dropped.put(
                Kind.PAYLOAD_LOG,
                dropped("payload_log_dropped", "Sampled requests that never reached the payload log"));
        dropped.put(Kind.LEDGER, dropped("prediction_ledger_dropped", "Predictions that never reached the ledger"));
        dropped.put(Kind.FEEDBACK, dropped("feedback_dropped", "Accepted feedback that never reached the store"));
    }

    private Counter counter(String name, Kind kind, String description) {
        return Counter.builder(name)
                .description(description)
                .tag("kind", kind.label())
                .register(registry);
    }

    private Counter dropped(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    void watch(Uploads uploads) {
        for (Kind kind : Kind.values()) {
            Gauge.builder("store_waiting_bytes", uploads, waiting -> waiting.waiting(kind))
                    .description("Bytes that wait to be written to the artifact store")
                    .tag("kind", kind.label())
                    .register(registry);
        }
    }

    void watch(Sketcher sketcher) {
        FunctionCounter.builder(
                        "monitoring_rows_seen", sketcher, it -> it.totalSeen().sum())
                .description("Rows that were answered")
                .register(registry);
        FunctionCounter.builder("monitoring_rows_sampled", sketcher, it -> it.totalSampled()
                        .sum())
                .description("Rows that went into the sketches")
                .register(registry);
    }

    /**
     * Files that retention takes from the store.
     *
     * @param deleted how many are gone
     * @param failed rounds that broke off
     */
    record Deletions(Counter deleted, Counter failed) {}

    Deletions deletions(Kind kind) {
        return new Deletions(
                counter("store_files_deleted", kind, "Files deleted from the artifact store as they were old enough"),
                counter("store_delete_failures", kind, "Rounds of deleting old files that failed"));
    }

    MeterRegistry registry() {
        return registry;
    }

    /** Shows the quantiles of a pane's features, of a bounded number of them. */
    void distribution(Pane pane) {
        if (pane.rowsSampled() == 0) {
            return;
        }
        for (Column column : pane.columns()) {
            if (column.role() == Role.Feature && column.sketch() instanceof NumberSketch numbers) {
                double[] quantiles = numbers.quantiles(RANKS).stream()
                        .mapToDouble(Double::doubleValue)
                        .toArray();
                if (distributions.containsKey(column.name())) {
                    distributions.put(column.name(), quantiles);
                } else if (distributions.size() < MOST_FEATURES) {
                    distributions.put(column.name(), quantiles);
                    register(column.name());
                }
            }
        }
    }

    private void register(String feature) {
        for (int i = 0; i < RANKS.length; i++) {
            int index = i;
            Gauge.builder("feature_distribution", distributions, all -> all.get(feature)[index])
                    .description("Quantiles of a feature in the pane that was closed last")
                    .tag("feature_name", feature)
                    .tag("quantile", Double.toString(RANKS[i]))
                    .register(registry);
        }
    }

    @Override
    public void stored(Kind kind, int count) {
        stored.get(kind).increment();
        records.get(kind).increment(count);
    }

    @Override
    public void dropped(Kind kind, int count) {
        dropped.get(kind).increment(count);
    }

    @Override
    public void failed(Kind kind) {
        failures.get(kind).increment();
    }
}
