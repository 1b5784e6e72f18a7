package dev.tatara.statistics.drift;

import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Sketch;
import dev.tatara.statistics.Steps;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** One of the two distributions that are compared, from a sketch or from values. */
sealed interface Side {
    /** Rows, missing values included. */
    long rows();

    /** Values that can be compared. */
    long values();

    /**
     * Numbers.
     *
     * @param rows missing values and infinities included
     * @param steps the distribution of the numbers
     * @param min exact
     * @param max exact
     * @param mean exact
     * @param deviation exact, with n in the denominator
     */
    record Numbers(long rows, Steps steps, double min, double max, double mean, double deviation) implements Side {
        @Override
        public long values() {
            return steps.count();
        }

        /** Whether each value's count is known and there are few enough to take them for categories. */
        boolean isFew() {
            return steps.isExact() && steps.size() <= NumberSketch.MOST_DISTINCT;
        }

        Numbers asFloats() {
            return new Numbers(rows, steps.asFloats(), min, max, mean, deviation);
        }
    }

    /**
     * Categories.
     *
     * @param rows missing ones included
     * @param values rows that have a category
     * @param counts how often each was seen at most, of those that are known
     * @param error how much less it may be, and how often a category that isn't listed was seen at most
     */
    record Categories(long rows, long values, Map<String, Long> counts, long error) implements Side {}

    /** What a sketch says. */
    static Side of(Sketch sketch) {
        return switch (sketch) {
            case NumberSketch numbers ->
                new Numbers(
                        numbers.count(),
                        numbers.steps(),
                        numbers.min(),
                        numbers.max(),
                        numbers.mean(),
                        numbers.finite() == 0
                                ? Double.NaN
                                : numbers.finite() == 1
                                        ? 0
                                        : Math.sqrt(numbers.variance() * (numbers.finite() - 1) / numbers.finite()));
            case CategorySketch categories -> {
                Map<String, Long> counts = new HashMap<>();
                for (var frequency : categories.top(Integer.MAX_VALUE)) {
                    counts.put(frequency.value(), frequency.upperBound());
                }
                yield new Categories(
                        categories.count(),
                        categories.count() - categories.missing(),
                        counts,
                        categories.maximumError());
            }
        };
    }

    /** What a sample of numbers says. */
    static Numbers of(double[] sample) {
        double[] finite = new double[sample.length];
        int size = 0;
        double sum = 0;
        for (double value : sample) {
            if (Math.abs(value) <= Double.MAX_VALUE) {
                finite[size++] = value;
                sum += value;
            }
        }
        double mean = sum / size;
        double squares = 0;
        for (int i = 0; i < size; i++) {
            squares += (finite[i] - mean) * (finite[i] - mean);
        }
        Steps steps = Steps.sorting(size == finite.length ? finite : Arrays.copyOf(finite, size));
        return new Numbers(
                sample.length,
                steps,
                size == 0 ? Double.NaN : steps.value(0),
                size == 0 ? Double.NaN : steps.value(steps.size() - 1),
                mean,
                Math.sqrt(squares / size));
    }

    /** What counts of categories say; those of 0 aren't there. */
    static Categories of(Map<String, Long> counts) {
        long sum = 0;
        Map<String, Long> seen = new HashMap<>();
        for (var entry : counts.entrySet()) {
            long count = entry.getValue();
            if (count < 0) {
                throw new IllegalArgumentException("expected counts of 0 or more, found: " + count);
            }
            if (count > 0) {
                seen.put(entry.getKey(), count);
                sum += count;
            }
        }
        return new Categories(sum, sum, seen, 0);
    }
}
