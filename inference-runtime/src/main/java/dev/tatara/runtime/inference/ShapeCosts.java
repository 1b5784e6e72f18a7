package dev.tatara.runtime.inference;

import dev.tatara.runtime.model.RunCost;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What runs take, learnt by shape: rows of a long text take longer than the rows of zeros that a model was warmed up with,
 * and the first runs of a process longer than later ones. Threads share it; a lost update doesn't matter.
 */
final class ShapeCosts {
    private static final int SLOTS = 256;
    private static final double WEIGHT = 1.0 / 8;
    private static final double LARGEST_STEP = 4;
    private static final double UNKNOWN_NANOS = 1e9;

    private final RunCost cost;
    private final AtomicLongArray keys = new AtomicLongArray(SLOTS);
    private final AtomicLongArray factors = new AtomicLongArray(SLOTS);

    /**
     * @param cost of the shape that was warmed up
     * @param warmKey that shape's {@link InferenceRequest#rowKey()}
     */
    ShapeCosts(RunCost cost, long warmKey) {
        this.cost = cost;
        keys.set(slot(warmKey), warmKey);
        factors.set(slot(warmKey), Double.doubleToRawLongBits(1));
    }

    private static int slot(long key) {
        return (int) (key >>> 32) & SLOTS - 1;
    }

    /**
     * What a run is expected to take.
     *
     * @return nanoseconds, a second or more for a shape that never ran: nobody knows
     */
    double expected(long rowKey, long rows) {
        double factor = factor(rowKey);
        return Double.isInfinite(factor) ? Math.max(UNKNOWN_NANOS, cost.ofRows(rows)) : cost.ofRows(rows) * factor;
    }

    /**
     * What the rows of a run share, so that merging two runs saves it.
     *
     * @return nanoseconds, 0 for a shape that never ran
     */
    double fixed(long rowKey) {
        double factor = factor(rowKey);
        return Double.isInfinite(factor) ? 0 : cost.fixedNanos() * factor;
    }

    /** The most rows that are expected to run within a time, at least 1. */
    int rowsWithin(long rowKey, long nanos, int most) {
        double factor = factor(rowKey);
        double rows = (nanos / factor - cost.fixedNanos()) / Math.max(1e-3, cost.perRowNanos());
        return (int) Math.clamp(rows, 1, most);
    }

    private double factor(long rowKey) {
        int slot = slot(rowKey);
        return keys.get(slot) == rowKey ? Double.longBitsToDouble(factors.get(slot)) : Double.POSITIVE_INFINITY;
    }

    /** A run took so long. */
    void learn(long rowKey, long rows, long nanos) {
        int slot = slot(rowKey);
        double seen = nanos / Math.max(1, cost.ofRows(rows));
        if (keys.get(slot) != rowKey) {
            keys.set(slot, rowKey);
            factors.set(slot, Double.doubleToRawLongBits(seen));
            return;
        }
        double before = Double.longBitsToDouble(factors.get(slot));
        // A pause of the machine is not the model's.
        double after = before + (Math.min(seen, before * LARGEST_STEP) - before) * WEIGHT;
        factors.set(slot, Double.doubleToRawLongBits(Math.max(after, Double.MIN_NORMAL)));
    }
}
