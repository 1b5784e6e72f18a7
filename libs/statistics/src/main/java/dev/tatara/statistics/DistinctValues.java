package dev.tatara.statistics;

import java.util.Arrays;

/** Counts of each value as long as there are few different ones. */
final class DistinctValues {
    static final int MOST = 32;

    private double[] values = new double[4];
    private long[] counts = new long[4];
    private int size;
    private int last;
    private boolean tooMany;

    boolean tooMany() {
        return tooMany;
    }

    int size() {
        return size;
    }

    double value(int index) {
        return values[index];
    }

    long count(int index) {
        return counts[index];
    }

    void add(double value, long weight) {
        if (tooMany) {
            return;
        }
        // The same value as before, mostly; and −0.0 is 0.0.
        double normal = value + 0.0;
        if (last < size && values[last] == normal) {
            counts[last] += weight;
            return;
        }
        for (int i = 0; i < size; i++) {
            if (values[i] == normal) {
                last = i;
                counts[i] += weight;
                return;
            }
        }
        if (size == MOST) {
            giveUp();
            return;
        }
        if (size == values.length) {
            values = Arrays.copyOf(values, size * 2);
            counts = Arrays.copyOf(counts, size * 2);
        }
        values[size] = normal;
        counts[size] = weight;
        last = size++;
    }

    void merge(DistinctValues other) {
        if (other.tooMany) {
            giveUp();
        }
        for (int i = 0; i < other.size; i++) {
            add(other.values[i], other.counts[i]);
        }
    }

    void giveUp() {
        tooMany = true;
        size = 0;
        values = new double[0];
        counts = new long[0];
    }
}
