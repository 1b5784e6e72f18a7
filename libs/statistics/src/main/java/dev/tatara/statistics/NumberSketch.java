package dev.tatara.statistics;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.datasketches.kll.KllFloatsSketch;
import org.apache.datasketches.quantilescommon.FloatsSortedView;
import org.apache.datasketches.quantilescommon.QuantileSearchCriteria;

/**
 * Numbers: exact counts, minimum, maximum, mean and variance; quantiles by a KLL sketch (Karnin, Lang, Liberty 2016) of
 * Apache DataSketches; and each value's count as long as no more than {@value #MOST_DISTINCT} different ones were seen.
 *
 * <p>The KLL sketch keeps {@code float}s: a quantile is right to 24 bits, values beyond the range of {@code float} count
 * as its largest. Everything else is {@code double}. Takes about 4 KiB, whatever the number of values.
 */
public final class NumberSketch implements Sketch {
    /** Size of the KLL sketch: a rank is wrong by less than 1.33 % with 99 % confidence. */
    public static final int K = 200;

    /** Different values that are counted one by one. */
    public static final int MOST_DISTINCT = DistinctValues.MOST;

    private final DistinctValues distinct;
    private final KllFloatsSketch quantiles;
    private long finite;
    private long missing;
    private long positiveInfinities;
    private long negativeInfinities;
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;
    private double mean;
    private double squares;

    public NumberSketch() {
        this(KllFloatsSketch.newHeapInstance(K), new DistinctValues());
    }

    private NumberSketch(KllFloatsSketch quantiles, DistinctValues distinct) {
        this.quantiles = quantiles;
        this.distinct = distinct;
    }

    /** The exact part of a sketch, as it is written. */
    record Moments(
            long finite,
            long missing,
            long positiveInfinities,
            long negativeInfinities,
            double min,
            double max,
            double mean,
            double squares) {}

    Moments moments() {
        return new Moments(finite, missing, positiveInfinities, negativeInfinities, min, max, mean, squares);
    }

    DistinctValues distinctValues() {
        return distinct;
    }

    byte[] quantileBytes() {
        return quantiles.toByteArray();
    }

    /** Puts a sketch together from what was written; the KLL sketch's bytes are trusted. */
    static NumberSketch of(Moments moments, DistinctValues distinct, byte[] quantileBytes) {
        NumberSketch sketch = new NumberSketch(KllFloatsSketch.heapify(MemorySegment.ofArray(quantileBytes)), distinct);
        sketch.finite = moments.finite;
        sketch.missing = moments.missing;
        sketch.positiveInfinities = moments.positiveInfinities;
        sketch.negativeInfinities = moments.negativeInfinities;
        sketch.min = moments.min;
        sketch.max = moments.max;
        sketch.mean = moments.mean;
        sketch.squares = moments.squares;
        return sketch;
    }

    /** Adds a value; NaN counts as missing. */
    public void update(double value) {
        if (isCounted(value)) {
            take(value);
            finite++;
            double delta = value - mean;
            mean += delta / finite;
            squares += delta * (value - mean);
        }
    }

    /**
     * Adds many values at once, which costs less than one by one.
     *
     * @param values overwritten between {@code from} and {@code to}
     * @param from first position, inclusive
     * @param to last position, exclusive
     */
    public void update(double[] values, int from, int to) {
        int end = from;
        double sum = 0;
        for (int i = from; i < to; i++) {
            double value = values[i];
            if (isCounted(value)) {
                values[end++] = value;
                sum += value;
            }
        }
        int count = end - from;
        if (count == 0) {
            return;
        }
        double center = sum / count;
        if (!Double.isFinite(center)) {
            // The sum left the range of double, the values themselves didn't.
            for (int i = from; i < end; i++) {
                update(values[i]);
            }
            return;
        }
        double deviations = 0;
        for (int i = from; i < end; i++) {
            double value = values[i];
            take(value);
            double delta = value - center;
            deviations += delta * delta;
        }
        addMoments(count, center, deviations);
    }

    private boolean isCounted(double value) {
        if (Math.abs(value) <= Double.MAX_VALUE) {
            return true;
        }
        if (value > 0) {
            positiveInfinities++;
        } else if (value < 0) {
            negativeInfinities++;
        } else {
            missing++;
        }
        return false;
    }

    private void take(double value) {
        min = Math.min(min, value);
        max = Math.max(max, value);
        distinct.add(value, 1);
        quantiles.update((float) Math.clamp(value, -Float.MAX_VALUE, Float.MAX_VALUE));
    }

    /** Chan, Golub, LeVeque 1979: means and sums of squared deviations of two samples make those of both. */
    private void addMoments(long count, double otherMean, double otherSquares) {
        if (count == 0) {
            return;
        }
        long total = finite + count;
        double delta = otherMean - mean;
        mean += delta * ((double) count / total);
        squares += otherSquares + delta * delta * ((double) finite * count / total);
        finite = total;
    }

    /** Adds what another sketch has seen. */
    public void merge(NumberSketch other) {
        missing += other.missing;
        positiveInfinities += other.positiveInfinities;
        negativeInfinities += other.negativeInfinities;
        min = Math.min(min, other.min);
        max = Math.max(max, other.max);
        addMoments(other.finite, other.mean, other.squares);
        distinct.merge(other.distinct);
        quantiles.merge(other.quantiles);
    }

    @Override
    public NumberSketch copy() {
        NumberSketch copy = new NumberSketch();
        copy.merge(this);
        return copy;
    }

    @Override
    public long count() {
        return finite + missing + positiveInfinities + negativeInfinities;
    }

    @Override
    public long missing() {
        return missing;
    }

    /** Values that are numbers, infinities left out. Everything below speaks of these alone. */
    public long finite() {
        return finite;
    }

    public long positiveInfinities() {
        return positiveInfinities;
    }

    public long negativeInfinities() {
        return negativeInfinities;
    }

    /** The smallest number; NaN where there is none. */
    public double min() {
        return finite == 0 ? Double.NaN : min;
    }

    /** The largest number; NaN where there is none. */
    public double max() {
        return finite == 0 ? Double.NaN : max;
    }

    /** NaN where there is no number. */
    public double mean() {
        return finite == 0 ? Double.NaN : mean;
    }

    /** With n − 1 in the denominator; NaN for fewer than two numbers. */
    public double variance() {
        return finite < 2 ? Double.NaN : squares / (finite - 1);
    }

    /** The root of {@link #variance()}. */
    public double standardDeviation() {
        return Math.sqrt(variance());
    }

    /**
     * The smallest value seen whose rank is at least {@code rank}.
     *
     * @param rank 0 to 1; 0 and 1 give the exact minimum and maximum
     * @return NaN where there is no number
     */
    public double quantile(double rank) {
        if (finite == 0) {
            return Double.NaN;
        }
        if (rank <= 0) {
            return min;
        }
        if (rank >= 1) {
            return max;
        }
        return Math.clamp(quantiles.getQuantile(rank, QuantileSearchCriteria.INCLUSIVE), min, max);
    }

    /**
     * The share of numbers that are less than or equal to {@code value}, 0 to 1, wrong by {@link #rankError()} at most.
     *
     * @return NaN where there is no number
     */
    public double rank(double value) {
        if (finite == 0 || Double.isNaN(value)) {
            return Double.NaN;
        }
        if (value < min) {
            return 0;
        }
        if (value >= max) {
            return 1;
        }
        return quantiles.getRank(
                (float) Math.clamp(value, -Float.MAX_VALUE, Float.MAX_VALUE), QuantileSearchCriteria.INCLUSIVE);
    }

    /** How far a rank may be off, with 99 % confidence; 0 as long as the sketch holds every value. */
    public double rankError() {
        return quantiles.isEstimationMode() ? quantiles.getNormalizedRankError(false) : 0;
    }

    /** Values that the quantiles are computed from: far fewer than were seen. */
    public int retained() {
        return quantiles.getNumRetained();
    }

    /** Each value's count in ascending order, nothing if there are more than {@value #MOST_DISTINCT} values. */
    public Optional<SortedMap<Double, Long>> distinct() {
        if (distinct.tooMany()) {
            return Optional.empty();
        }
        SortedMap<Double, Long> counts = new TreeMap<>();
        for (int i = 0; i < distinct.size(); i++) {
            counts.put(distinct.value(i), distinct.count(i));
        }
        return Optional.of(counts);
    }

    /** The numbers' distribution: exact where each value is counted or held, else the KLL sketch's estimate. */
    public Steps steps() {
        if (finite == 0 || !distinct.tooMany()) {
            return Steps.of(distinct().orElseGet(TreeMap::new));
        }
        FloatsSortedView view = quantiles.getSortedView();
        return Steps.of(view.getQuantiles(), view.getCumulativeWeights(), rankError());
    }

    /** {@link #quantile} of several ranks. */
    public List<Double> quantiles(double... ranks) {
        return java.util.Arrays.stream(ranks).mapToObj(this::quantile).toList();
    }
}
