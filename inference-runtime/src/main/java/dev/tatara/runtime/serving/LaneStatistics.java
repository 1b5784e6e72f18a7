package dev.tatara.runtime.serving;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** What one event loop counts: written by that loop alone, so without a lock, and read by anybody. */
public final class LaneStatistics {
    static final int SUCCESSES = 0;
    static final int SUCCESS_NANOS = 1;
    static final int FAILURES = 2;
    static final int FAILURE_NANOS = 3;
    static final int QUEUE_NANOS = 4;
    static final int INPUT_NANOS = 5;
    static final int INFERENCE_NANOS = 6;
    static final int OUTPUT_NANOS = 7;
    static final int ROWS = 8;
    static final int LAST_MILLIS = 9;
    static final int HITS = 10;
    static final int HIT_NANOS = 11;
    static final int MISSES = 12;

    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int FIGURES = 13;

    private final long[] figures = new long[FIGURES];
    private final long[] batches = new long[(Statistics.LARGEST_BATCH + 1) * 2];

    private static void add(long[] slots, int index, long value) {
        SLOT.setRelease(slots, index, slots[index] + value);
    }

    /**
     * A request was answered.
     *
     * @param rows of this request
     * @param runRows rows of the run that answered it, if it is the first request of that run; else 0
     */
    void succeeded(long rows, long runRows, Times times) {
        add(figures, SUCCESSES, 1);
        add(figures, SUCCESS_NANOS, times.total);
        add(figures, QUEUE_NANOS, times.queue);
        add(figures, INPUT_NANOS, times.input);
        add(figures, INFERENCE_NANOS, times.inference);
        add(figures, OUTPUT_NANOS, times.output);
        if (times.cache == Times.Cache.HIT) {
            add(figures, HITS, 1);
            add(figures, HIT_NANOS, times.total);
        } else {
            add(figures, ROWS, rows);
            if (times.cache == Times.Cache.MISS) {
                add(figures, MISSES, 1);
            }
        }
        if (runRows > 0) {
            int size = (int) Math.min(Statistics.LARGEST_BATCH, runRows);
            add(batches, size * 2, 1);
            add(batches, size * 2 + 1, times.inference);
        }
        SLOT.setRelease(figures, LAST_MILLIS, System.currentTimeMillis());
    }

    void failed(long nanos) {
        add(figures, FAILURES, 1);
        add(figures, FAILURE_NANOS, nanos);
    }

    long figure(int figure) {
        return (long) SLOT.getAcquire(figures, figure);
    }

    /** Runs of this size. */
    long runs(int size) {
        return (long) SLOT.getAcquire(batches, size * 2);
    }

    /** What runs of this size took. */
    long batchNanos(int size) {
        return (long) SLOT.getAcquire(batches, size * 2 + 1);
    }

    /** Where a request's time went, in nanoseconds. */
    static final class Times {
        long total;
        long queue;
        long input;
        long inference;
        long output;
        Cache cache = Cache.NONE;

        /** What came of looking for the answer among those that were given before. */
        enum Cache {
            NONE,
            HIT,
            MISS
        }
    }
}
