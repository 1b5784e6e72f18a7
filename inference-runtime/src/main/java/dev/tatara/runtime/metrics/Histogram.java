package dev.tatara.runtime.metrics;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts values by buckets with fixed bounds, as Prometheus has histograms. Any thread may record; threads rarely meet,
 * as each has a stripe of counters. A record costs two uncontended atomic additions: on a path of ten microseconds a
 * reading of the clock, which a timer that forgets old maxima needs, would be felt.
 */
final class Histogram {
    /** A power of two, about as many as event loops and workers. */
    private static final int STRIPES = 16;

    /** Counters that share a cache line; stripes are whole lines, and one apart. */
    private static final int LINE = 8;

    private final long[] bounds;
    private final double perUnit;
    private final int stride;
    private final AtomicLongArray cells;

    /**
     * @param bounds inclusive upper bounds, ascending, of what is recorded
     * @param perUnit how many of what is recorded make one of what is exposed: 1e9 for nanoseconds told in seconds
     */
    Histogram(long[] bounds, double perUnit) {
        this.bounds = bounds.clone();
        this.perUnit = perUnit;
        stride = (bounds.length + 2 + 2 * LINE - 1) / LINE * LINE;
        cells = new AtomicLongArray(STRIPES * stride);
    }

    void record(long value) {
        int bucket = 0;
        while (bucket < bounds.length && value > bounds[bucket]) {
            bucket++;
        }
        long id = Thread.currentThread().threadId();
        int stripe = (int) ((id ^ (id >>> 4)) & (STRIPES - 1)) * stride;
        cells.getAndAdd(stripe + bucket, 1);
        cells.getAndAdd(stripe + bounds.length + 1, value);
    }

    private long sum(int cell) {
        long sum = 0;
        for (int stripe = 0; stripe < STRIPES; stripe++) {
            sum += cells.get(stripe * stride + cell);
        }
        return sum;
    }

    /** Number of values that were recorded. */
    long count() {
        long count = 0;
        for (int bucket = 0; bucket <= bounds.length; bucket++) {
            count += sum(bucket);
        }
        return count;
    }

    /** Sum of the values, in exposed units. */
    double sum() {
        return sum(bounds.length + 1) / perUnit;
    }

    /** As Prometheus wants them, not cumulative; the last has no bound. */
    ClassicHistogramBuckets buckets() {
        ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
        for (int bucket = 0; bucket < bounds.length; bucket++) {
            buckets.bucket(bounds[bucket] / perUnit, sum(bucket));
        }
        return buckets.bucket(Double.POSITIVE_INFINITY, sum(bounds.length)).build();
    }
}
