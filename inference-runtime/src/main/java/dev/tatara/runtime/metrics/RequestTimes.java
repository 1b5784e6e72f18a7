package dev.tatara.runtime.metrics;

import dev.tatara.statistics.LatencyHistogram;

/** What requests of one protocol took: Prometheus sees all, panes those that were answered well, in finer buckets. */
final class RequestTimes implements Member {
    private static final int LEAST_ERROR = 400;

    private final Histogram good;
    private final Histogram others;

    /**
     * @param bounds in nanoseconds, as Prometheus gets them
     */
    RequestTimes(long[] bounds) {
        good = Histogram.ofLatencies(bounds);
        others = new Histogram(bounds);
    }

    void record(int code, long nanos) {
        (code < LEAST_ERROR ? good : others).record(nanos);
    }

    @Override
    public long[] counts() {
        long[] counts = good.counts();
        long[] rest = others.counts();
        for (int bucket = 0; bucket < counts.length; bucket++) {
            counts[bucket] += rest[bucket];
        }
        return counts;
    }

    @Override
    public long sum() {
        return good.sum() + others.sum();
    }

    /** Adds the times of those that were answered well. */
    void addTo(LatencyHistogram latencies) {
        good.addTo(latencies);
    }
}
