package dev.tatara.statistics.drift;

import dev.tatara.statistics.Steps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Shares of both sides by cell: a category, a value or an interval of numbers.
 *
 * @param reference shares of the reference's values, 0 to 1
 * @param current shares of the live values
 * @param referenceError how far each may be off
 * @param currentError likewise
 * @param referenceValues values of the reference
 * @param currentValues live values
 * @param unseen cells that live data have and the reference surely hasn't
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Table(
        double[] reference,
        double[] current,
        double[] referenceError,
        double[] currentError,
        long referenceValues,
        long currentValues,
        int unseen) {

    /** A cell of an inexact table stands for itself where its error is at most this share of it. */
    private static final double WORTH_A_CELL = 0.1;

    /** Evidently makes intervals of numbers that have more values in the reference. */
    private static final int FEW_VALUES = 20;

    private static final double[] NO_ERRORS = new double[0];

    int cells() {
        return reference.length;
    }

    /** Whether every share is exact. */
    boolean isExact() {
        return referenceError.length == 0;
    }

    /** 1/n + 1/m: the variance of a difference of means in units of the variance. */
    double spread() {
        return 1.0 / referenceValues + 1.0 / currentValues;
    }

    /**
     * The smallest difference that the errors allow: each cell's shares are moved towards each other as far as they may
     * be off.
     */
    Table nearest() {
        if (isExact()) {
            return this;
        }
        double[] nearer = reference.clone();
        double[] nearerCurrent = current.clone();
        for (int i = 0; i < nearer.length; i++) {
            double gap = Math.abs(reference[i] - current[i]);
            double errors = referenceError[i] + currentError[i];
            double move = errors == 0 ? 0 : Math.min(1, gap / errors);
            double sign = reference[i] > current[i] ? 1 : -1;
            nearer[i] -= sign * move * referenceError[i];
            nearerCurrent[i] += sign * move * currentError[i];
        }
        return new Table(nearer, nearerCurrent, NO_ERRORS, NO_ERRORS, referenceValues, currentValues, unseen);
    }

    /**
     * The same with one cell for all that are so rare that fewer than {@code least} values of the smaller side are
     * expected in each; if fewer than {@code leastTogether} are expected in that one, it goes to the rarest other.
     */
    Table withoutRare(double least, double leastTogether) {
        double all = referenceValues + (double) currentValues;
        double[] expected = new double[cells()];
        List<Integer> kept = new ArrayList<>();
        double ofRare = 0;
        for (int i = 0; i < expected.length; i++) {
            expected[i] = (reference[i] * referenceValues + current[i] * currentValues)
                    / all
                    * Math.min(referenceValues, currentValues);
            if (expected[i] >= least) {
                kept.add(i);
            } else {
                ofRare += expected[i];
            }
        }
        if (kept.size() == expected.length) {
            return this;
        }
        boolean own = ofRare >= leastTogether || kept.isEmpty();
        int[] cellOf = new int[expected.length];
        Arrays.fill(cellOf, kept.size());
        int rarest = 0;
        for (int cell = 0; cell < kept.size(); cell++) {
            cellOf[kept.get(cell)] = cell;
            rarest = expected[kept.get(cell)] < expected[kept.get(rarest)] ? cell : rarest;
        }
        if (!own) {
            for (int i = 0; i < cellOf.length; i++) {
                cellOf[i] = cellOf[i] == kept.size() ? rarest : cellOf[i];
            }
        }
        int cells = kept.size() + (own ? 1 : 0);
        return new Table(
                summed(reference, cellOf, cells),
                summed(current, cellOf, cells),
                isExact() ? NO_ERRORS : summed(referenceError, cellOf, cells),
                isExact() ? NO_ERRORS : summed(currentError, cellOf, cells),
                referenceValues,
                currentValues,
                unseen);
    }

    /** The same with neighbours taken together until each cell has a share of {@code least} or more on one side. */
    Table withoutThin(double least) {
        int[] cellOf = new int[cells()];
        int cells = 0;
        double share = 0;
        double shareOfCurrent = 0;
        for (int i = 0; i < cellOf.length; i++) {
            cellOf[i] = cells;
            share += reference[i];
            shareOfCurrent += current[i];
            if (Math.max(share, shareOfCurrent) >= least) {
                cells++;
                share = 0;
                shareOfCurrent = 0;
            }
        }
        // What is left over at the end.
        for (int i = 0; i < cellOf.length; i++) {
            cellOf[i] = Math.min(cellOf[i], cells - 1);
        }
        return new Table(
                summed(reference, cellOf, cells),
                summed(current, cellOf, cells),
                NO_ERRORS,
                NO_ERRORS,
                referenceValues,
                currentValues,
                unseen);
    }

    private static double[] summed(double[] shares, int[] cellOf, int cells) {
        double[] sums = new double[cells];
        for (int i = 0; i < shares.length; i++) {
            sums[cellOf[i]] += shares[i];
        }
        return sums;
    }

    /** Numbers that have up to {@value #FEW_VALUES} values in the reference each a cell, others by intervals: as Evidently does. */
    static Table of(Side.Numbers reference, Side.Numbers current) {
        Steps steps = reference.steps();
        if (!steps.isExact() || steps.size() > FEW_VALUES) {
            return ofIntervals(reference, current);
        }
        return current.steps().isExact() ? ofValues(steps, current.steps()) : ofReferenceValues(steps, current.steps());
    }

    /** Each number a cell; both sides know their counts. */
    static Table ofValues(Steps reference, Steps current) {
        List<long[]> counts = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < reference.size() || j < current.size()) {
            double value = Math.min(
                    i < reference.size() ? reference.value(i) : Double.POSITIVE_INFINITY,
                    j < current.size() ? current.value(j) : Double.POSITIVE_INFINITY);
            long of = 0;
            long ofCurrent = 0;
            if (i < reference.size() && reference.value(i) == value) {
                of = reference.upTo(i) - (i == 0 ? 0 : reference.upTo(i - 1));
                i++;
            }
            if (j < current.size() && current.value(j) == value) {
                ofCurrent = current.upTo(j) - (j == 0 ? 0 : current.upTo(j - 1));
                j++;
            }
            counts.add(new long[] {of, ofCurrent});
        }
        return ofCounts(counts, reference.count(), current.count());
    }

    /** Each of the reference's numbers a cell, and one for all others. */
    static Table ofReferenceValues(Steps reference, Steps current) {
        List<long[]> counts = new ArrayList<>();
        long rest = current.count();
        for (int i = 0; i < reference.size(); i++) {
            double value = reference.value(i);
            long of = current.below(Math.nextUp(value)) - current.below(value);
            counts.add(new long[] {reference.upTo(i) - (i == 0 ? 0 : reference.upTo(i - 1)), of});
            rest -= of;
        }
        counts.add(new long[] {0, rest});
        return ofCounts(counts, reference.count(), current.count());
    }

    private static Table ofCounts(List<long[]> counts, long referenceValues, long currentValues) {
        double[] reference = new double[counts.size()];
        double[] current = new double[counts.size()];
        int unseen = 0;
        for (int i = 0; i < reference.length; i++) {
            reference[i] = (double) counts.get(i)[0] / referenceValues;
            current[i] = (double) counts.get(i)[1] / currentValues;
            unseen += counts.get(i)[0] == 0 && counts.get(i)[1] > 0 ? 1 : 0;
        }
        return new Table(reference, current, NO_ERRORS, NO_ERRORS, referenceValues, currentValues, unseen);
    }

    /**
     * Intervals of the same width over both sides' numbers, the last with its upper end: NumPy's {@code histogram} over
     * its {@code histogram_bin_edges(…, bins="sturges")}.
     */
    static Table ofIntervals(Side.Numbers reference, Side.Numbers current) {
        double min = Math.min(reference.min(), current.min());
        double max = Math.max(reference.max(), current.max());
        long values = reference.values() + current.values();
        double range = max - min;
        // The roundings are NumPy's: a power of two may get one interval more.
        double width = range / (log2(values) + 1);
        int cells = width > 0 && Double.isFinite(width) ? (int) Math.ceil(range / width) : 1;
        double step = range / cells;
        double[] of = new double[cells];
        double[] ofCurrent = new double[cells];
        long below = 0;
        long belowCurrent = 0;
        for (int i = 0; i < cells; i++) {
            double end = min + (i + 1) * step;
            boolean last = i == cells - 1;
            long next = last ? reference.values() : reference.steps().below(end);
            long nextCurrent = last ? current.values() : current.steps().below(end);
            of[i] = (double) (next - below) / reference.values();
            ofCurrent[i] = (double) (nextCurrent - belowCurrent) / current.values();
            below = next;
            belowCurrent = nextCurrent;
        }
        return new Table(of, ofCurrent, NO_ERRORS, NO_ERRORS, reference.values(), current.values(), 0);
    }

    private static double log2(long number) {
        return Long.bitCount(number) == 1
                ? Long.numberOfTrailingZeros(number)
                : Math.log((double) number) / Math.log(2);
    }

    /**
     * Each category a cell, the first by its text in front. Where sketches haven't counted them all, only those that are
     * known well, and one for all others.
     */
    static Table ofCategories(Side.Categories reference, Side.Categories current) {
        Set<String> together = new HashSet<>(reference.counts().keySet());
        together.addAll(current.counts().keySet());
        List<String> names = new ArrayList<>(together);
        Collections.swap(names, 0, names.indexOf(Collections.min(names)));
        if (reference.error() == 0 && current.error() == 0) {
            List<long[]> counts = new ArrayList<>(names.size());
            for (String name : names) {
                counts.add(new long[] {
                    reference.counts().getOrDefault(name, 0L), current.counts().getOrDefault(name, 0L)
                });
            }
            return ofCounts(counts, reference.values(), current.values());
        }
        double error = half(reference);
        double errorOfCurrent = half(current);
        List<String> known = names.stream()
                .filter(name -> Math.max(share(reference, name), share(current, name))
                        >= (error + errorOfCurrent) / WORTH_A_CELL)
                .toList();
        int cells = known.size() + 1;
        double[] of = new double[cells];
        double[] ofCurrent = new double[cells];
        double[] errors = new double[cells];
        double[] errorsOfCurrent = new double[cells];
        int unseen = 0;
        double rest = 1;
        double restOfCurrent = 1;
        for (int i = 0; i < known.size(); i++) {
            of[i] = share(reference, known.get(i));
            ofCurrent[i] = share(current, known.get(i));
            errors[i] = error;
            errorsOfCurrent[i] = errorOfCurrent;
            rest -= of[i];
            restOfCurrent -= ofCurrent[i];
            unseen += of[i] == 0 ? 1 : 0;
        }
        of[cells - 1] = Math.max(0, rest);
        ofCurrent[cells - 1] = Math.max(0, restOfCurrent);
        errors[cells - 1] = Math.min(1, known.size() * error);
        errorsOfCurrent[cells - 1] = Math.min(1, known.size() * errorOfCurrent);
        return new Table(of, ofCurrent, errors, errorsOfCurrent, reference.values(), current.values(), unseen);
    }

    /** Half of what a share may be off, so that it is off by this to either side. */
    private static double half(Side.Categories side) {
        return 0.5 * side.error() / side.values();
    }

    private static double share(Side.Categories side, String name) {
        Long most = side.counts().get(name);
        return most == null ? half(side) : (double) most / side.values() - half(side);
    }
}
