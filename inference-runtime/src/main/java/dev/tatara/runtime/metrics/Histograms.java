package dev.tatara.runtime.metrics;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

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
        private final long[] bounds;
        private final double perUnit;
        private final Map<Labels, Member> members = new ConcurrentHashMap<>();

        /**
         * @param perUnit how many of what is recorded make one of what is exposed: 1e9 for nanoseconds told in seconds
         */
        Family(String name, String help, long[] bounds, double perUnit) {
            this.name = name;
            this.help = help;
            this.bounds = bounds;
            this.perUnit = perUnit;
        }

        @Override
        public HistogramSnapshot collect() {
            HistogramSnapshot.Builder snapshot =
                    HistogramSnapshot.builder().name(name).help(help);
            members.forEach(
                    (labels, member) -> snapshot.dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder()
                            .labels(labels)
                            .classicHistogramBuckets(buckets(member.counts()))
                            .sum(member.sum() / perUnit)
                            .build()));
            return snapshot.build();
        }

        private ClassicHistogramBuckets buckets(long[] counts) {
            ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
            for (int bucket = 0; bucket < bounds.length; bucket++) {
                buckets.bucket(bounds[bucket] / perUnit, counts[bucket]);
            }
            return buckets.bucket(Double.POSITIVE_INFINITY, counts[bounds.length])
                    .build();
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
        return of(name, help, tags, Histogram.class, Histogram::new, NANOS_PER_SECOND, nanos(bounds));
    }

    /** What requests took, as {@link #ofSeconds}. */
    RequestTimes ofRequests(String name, String help, Tags tags, Duration... bounds) {
        return of(name, help, tags, RequestTimes.class, RequestTimes::new, NANOS_PER_SECOND, nanos(bounds));
    }

    /** A histogram of plain numbers. */
    Histogram ofNumbers(String name, String help, Tags tags, long... bounds) {
        return of(name, help, tags, Histogram.class, Histogram::new, 1, bounds);
    }

    private static long[] nanos(Duration... bounds) {
        return Arrays.stream(bounds).mapToLong(Duration::toNanos).toArray();
    }

    private <M extends Member> M of(
            String name,
            String help,
            Tags tags,
            Class<M> type,
            Function<long[], M> make,
            double perUnit,
            long... bounds) {
        Family family = families.computeIfAbsent(name, first -> {
            Family registered = new Family(name, help, bounds, perUnit);
            registry.register(registered);
            return registered;
        });
        Labels labels = Labels.of(
                tags.stream().map(Tag::getKey).toArray(String[]::new),
                tags.stream().map(Tag::getValue).toArray(String[]::new));
        return type.cast(family.members.computeIfAbsent(labels, absent -> make.apply(bounds)));
    }
}
