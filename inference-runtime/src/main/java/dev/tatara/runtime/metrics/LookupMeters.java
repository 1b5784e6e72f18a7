package dev.tatara.runtime.metrics;

import dev.tatara.features.FeatureStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Meters of looking features up. */
public final class LookupMeters {
    /** Why a request's features could not be had. */
    public enum Failure {
        TIMEOUT("timeout"),
        UNAVAILABLE("unavailable"),
        MISSING("missing");

        private final String label;

        Failure(String label) {
            this.label = label;
        }
    }

    private final PrometheusMeterRegistry registry;
    private final Histogram seconds;
    private final Map<String, Map<FeatureStatus, LongAdder>> byStatus = new HashMap<>();
    private final Map<Failure, LongAdder> failures = new EnumMap<>(Failure.class);

    /**
     * @param views names of the views that may be looked up
     */
    public LookupMeters(ProcessMetrics process, List<String> views) {
        registry = process.registry();
        seconds = process.histograms()
                .ofSeconds(
                        "feature_lookup_seconds",
                        "Time that a request's features took to be found",
                        Tags.empty(),
                        ServingMetrics.BUCKETS);
        for (String view : views) {
            Map<FeatureStatus, LongAdder> counts = new EnumMap<>(FeatureStatus.class);
            for (FeatureStatus status : FeatureStatus.values()) {
                counts.put(
                        status,
                        counter(
                                "feature_values",
                                "Features that were looked up",
                                "view",
                                view,
                                "status",
                                status.name()));
            }
            byStatus.put(view, counts);
        }
        for (Failure failure : Failure.values()) {
            failures.put(
                    failure,
                    counter(
                            "feature_lookup_failures",
                            "Requests whose features could not be had",
                            "reason",
                            failure.label));
        }
    }

    private LongAdder counter(String name, String help, String... tags) {
        LongAdder count = new LongAdder();
        FunctionCounter.builder(name, count, LongAdder::sum)
                .description(help)
                .tags(tags)
                .register(registry);
        return count;
    }

    /** A gauge of how many event loops have a connection to a store. */
    public AtomicInteger connections(String store) {
        AtomicInteger open = new AtomicInteger();
        Gauge.builder("feature_store_connections", open, AtomicInteger::get)
                .description("Connections to an online store")
                .tags("store", store)
                .register(registry);
        return open;
    }

    /** A feature was looked up, with this result. */
    public void found(String view, FeatureStatus status) {
        byStatus.get(view).get(status).increment();
    }

    /** All features of a request were found, or what stands in for them. */
    public void looked(long nanos) {
        seconds.record(nanos);
    }

    public void failed(Failure failure) {
        failures.get(failure).increment();
    }
}
