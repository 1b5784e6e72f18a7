package dev.tatara.runtime.metrics;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The histograms of a process, by name and labels. Asking twice for one gives the same. */
public final class Histograms {
    private static final double NANOS_PER_SECOND = 1e9;

    private final PrometheusRegistry registry;
    private final Map<String, Family> families = new ConcurrentHashMap<>();

    public Histograms(PrometheusRegistry registry) {
        this.registry = registry;
    }

    /** Histograms of one name, which differ by their labels. */
    private static final class Family implements Collector {
        private final String name;
        private final String help;
        private final Map<Labels, Histogram> members = new ConcurrentHashMap<>();

        Family(String name, String help) {
            this.name = name;
            this.help = help;
        }

        @Override
        public HistogramSnapshot collect() {
            HistogramSnapshot.Builder snapshot =
                    HistogramSnapshot.builder().name(name).help(help);
            members.forEach(
                    (labels, histogram) -> snapshot.dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder()
                            .labels(labels)
                            .classicHistogramBuckets(histogram.buckets())
                            .sum(histogram.sum())
                            .build()));
            return snapshot.build();
        }

        @Override
        public String getPrometheusName() {
            return name;
        }
    }

    /**
     * A histogram of times, which are recorded in nanoseconds.
     *
     * @param name with its unit, as in {@code request_seconds}
     */
    Histogram ofSeconds(String name, String help, Tags tags, Duration... bounds) {
        return of(
                name,
                help,
                tags,
                new Histogram(Arrays.stream(bounds).mapToLong(Duration::toNanos).toArray(), NANOS_PER_SECOND));
    }

    /** A histogram of plain numbers. */
    Histogram ofNumbers(String name, String help, Tags tags, long... bounds) {
        return of(name, help, tags, new Histogram(bounds, 1));
    }

    private Histogram of(String name, String help, Tags tags, Histogram made) {
        Family family = families.computeIfAbsent(name, first -> {
            Family registered = new Family(name, help);
            registry.register(registered);
            return registered;
        });
        Labels labels = Labels.of(
                tags.stream().map(Tag::getKey).toArray(String[]::new),
                tags.stream().map(Tag::getValue).toArray(String[]::new));
        Histogram known = family.members.putIfAbsent(labels, made);
        return known == null ? made : known;
    }
}
