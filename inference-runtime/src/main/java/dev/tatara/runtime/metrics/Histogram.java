package dev.tatara.runtime.metrics;

import dev.tatara.statistics.LatencyHistogram;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Counts values by buckets with fixed bounds. Any thread may record; threads rarely meet, as each has a stripe of
 * counters. A record costs two uncontended atomic additions: on a path of ten microseconds a reading of the clock, which
 * a timer that forgets old maxima needs, would be felt.
 */
final class Histogram implements Member {
    /** A power of two, about as many as event loops and workers. */
    private static final int STRIPES = 16;

    /** Counters that share a cache line; stripes are whole lines, and one apart. */
    private static final int LINE = 8;

    private final long[] exposed;
    private final long[] bounds;
    private final int[] firstOfLatency;
    private final int stride;
    private final AtomicLongArray cells;

    /**
     * @param bounds inclusive upper bounds, ascending, of what is recorded
     */
    Histogram(long[] bounds) {
        this(bounds, bounds, null);
    }

    private Histogram(long[] exposed, long[] bounds, int[] firstOfLatency) {
        this.exposed = exposed.clone();
        this.bounds = bounds.clone();
        this.firstOfLatency = firstOfLatency;
        stride = (bounds.length + 2 + 2 * LINE - 1) / LINE * LINE;
        cells = new AtomicLongArray(STRIPES * stride);
    }

    /**
     * One of nanoseconds which also knows the buckets of {@link LatencyHistogram}, at the price of memory but not of
     * time: its buckets have the bounds of both.
     *
     * @param exposed as for the others
     */
    static Histogram ofLatencies(long[] exposed) {
        long[] both = LongStream.concat(
                        Arrays.stream(exposed),
                        IntStream.range(0, LatencyHistogram.BUCKETS).mapToLong(LatencyHistogram::upperBound))
                .sorted()
                .distinct()
                .toArray();
        int[] first = new int[LatencyHistogram.BUCKETS];
        Arrays.fill(first, both.length);
        for (int cell = both.length - 1; cell >= 0; cell--) {
            first[LatencyHistogram.bucket(both[cell])] = cell;
        }
        return new Histogram(exposed, both, first);
    }

    void record(long value) {
        int bucket = firstOfLatency == null ? 0 : firstOfLatency[LatencyHistogram.bucket(value)];
        while (bucket < bounds.length && value > bounds[bucket]) {
            bucket++;
        }
        long id = Thread.currentThread().threadId();
        int stripe = (int) ((id ^ (id >>> 4)) & (STRIPES - 1)) * stride;
        cells.getAndAdd(stripe + bucket, 1);
        cells.getAndAdd(stripe + bounds.length + 1, value);
    }

    private long total(int cell) {
        long sum = 0;
        for (int stripe = 0; stripe < STRIPES; stripe++) {
            sum += cells.get(stripe * stride + cell);
        }
        return sum;
    }

    @Override
    public long sum() {
        return total(bounds.length + 1);
    }

    @Override
    public long[] counts() {
        long[] counts = new long[exposed.length + 1];
        int bucket = 0;
        for (int cell = 0; cell <= bounds.length; cell++) {
            while (bucket < exposed.length && (cell == bounds.length || bounds[cell] > exposed[bucket])) {
                bucket++;
            }
            counts[bucket] += total(cell);
        }
        return counts;
    }

    /** Adds what was recorded to a histogram, which is exact only for {@linkplain #ofLatencies latencies}. */
    void addTo(LatencyHistogram latencies) {
        for (int cell = 0; cell <= bounds.length; cell++) {
            int bucket = cell == bounds.length ? LatencyHistogram.BUCKETS - 1 : LatencyHistogram.bucket(bounds[cell]);
            latencies.add(bucket, total(cell));
        }
    }
}
