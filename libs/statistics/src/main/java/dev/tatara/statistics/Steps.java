package dev.tatara.statistics;

import java.util.Arrays;
import java.util.SortedMap;

/**
 * A distribution of numbers as far as it is known: different values in ascending order, each with how many numbers are
 * no larger. Exact, or a sketch's estimate with a bounded error.
 */
public final class Steps {
    private static final Steps NONE = new Steps(new double[0], new long[0], 0, 0, false);

    private final double[] values;
    /** Null where each value is there once. */
    private final long[] upTo;

    private final int size;
    private final double rankError;
    private final boolean ofFloats;

    private Steps(double[] values, long[] upTo, int size, double rankError, boolean ofFloats) {
        this.values = values;
        this.upTo = upTo;
        this.size = size;
        this.rankError = rankError;
        this.ofFloats = ofFloats;
    }

    /**
     * The exact distribution of a sample.
     *
     * @param sample in any order, without NaN; taken over and sorted
     */
    public static Steps sorting(double[] sample) {
        if (sample.length == 0) {
            return NONE;
        }
        for (int i = 0; i < sample.length; i++) {
            // −0.0 is 0.0.
            sample[i] += 0.0;
        }
        Arrays.sort(sample);
        int different = 1;
        for (int i = 1; i < sample.length; i++) {
            different += sample[i] == sample[i - 1] ? 0 : 1;
        }
        return different == sample.length ? new Steps(sample, null, different, 0, false) : counted(sample, different);
    }

    private static Steps counted(double[] ascending, int different) {
        long[] upTo = new long[different];
        int last = 0;
        for (int i = 0; i < ascending.length; i++) {
            if (ascending[i] != ascending[last]) {
                ascending[++last] = ascending[i];
            }
            upTo[last] = i + 1L;
        }
        return new Steps(ascending, upTo, different, 0, false);
    }

    static Steps of(SortedMap<Double, Long> counts) {
        double[] values = new double[counts.size()];
        long[] upTo = new long[counts.size()];
        int size = 0;
        long sum = 0;
        for (var entry : counts.entrySet()) {
            sum += entry.getValue();
            values[size] = entry.getKey();
            upTo[size++] = sum;
        }
        return merged(values, upTo, 0, false);
    }

    static Steps of(float[] ascending, long[] upTo, double rankError) {
        double[] values = new double[ascending.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = ascending[i] + 0.0;
        }
        return merged(values, upTo.clone(), rankError, true);
    }

    /** Makes one of equal neighbours; takes the arrays over. */
    private static Steps merged(double[] values, long[] upTo, double rankError, boolean ofFloats) {
        if (values.length == 0) {
            return NONE;
        }
        int last = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] != values[last]) {
                last++;
            }
            values[last] = values[i];
            upTo[last] = upTo[i];
        }
        return new Steps(values, upTo, last + 1, rankError, ofFloats);
    }

    /** Different values, of an estimate those that the sketch holds. */
    public int size() {
        return size;
    }

    /** The value at a position from 0 to {@link #size()} − 1; they ascend. */
    public double value(int position) {
        return values[position];
    }

    /** How many numbers are no larger than the value at a position. */
    public long upTo(int position) {
        return upTo == null ? position + 1L : upTo[position];
    }

    /** How many numbers there are. */
    public long count() {
        return size == 0 ? 0 : upTo(size - 1);
    }

    /** How many numbers are less than a value. */
    public long below(double value) {
        int position = Arrays.binarySearch(values, 0, size, value + 0.0);
        int first = position >= 0 ? position : -position - 1;
        return first == 0 ? 0 : upTo(first - 1);
    }

    /** How far a share of numbers up to a value may be off, with 99 % confidence for all values at once; 0 for exact ones. */
    public double rankError() {
        return rankError;
    }

    /** Whether every value is here with its exact count, be it as a float. */
    public boolean isExact() {
        return rankError == 0;
    }

    /** Whether the values are floats, as sketches keep them beyond a few different ones. */
    public boolean isOfFloats() {
        return ofFloats;
    }

    /** The same of floats, so that equal numbers are equal whichever way they were kept. */
    public Steps asFloats() {
        if (ofFloats || size == 0) {
            return this;
        }
        double[] rounded = new double[size];
        long[] ranks = new long[size];
        for (int i = 0; i < size; i++) {
            rounded[i] = (float) Math.clamp(values[i], -Float.MAX_VALUE, Float.MAX_VALUE);
            ranks[i] = upTo(i);
        }
        return merged(rounded, ranks, rankError, true);
    }
}
