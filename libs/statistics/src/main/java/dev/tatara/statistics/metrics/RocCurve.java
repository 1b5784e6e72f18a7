package dev.tatara.statistics.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How well scores set the rows of one class apart from all others. The area is the probability that a row of the class
 * has a higher score than another row, ties counting half (Hanley, McNeil 1982): what scikit-learn's {@code
 * roc_auc_score} computes.
 */
public final class RocCurve {
    private final double[] positives;
    private final double[] negatives;
    private final boolean defined;

    private RocCurve(double[] positives, double[] negatives, boolean defined) {
        this.positives = positives;
        this.negatives = negatives;
        this.defined = defined;
    }

    /**
     * One point of the curve.
     *
     * @param falsePositives share of the other rows at or above the threshold, 0 to 1
     * @param truePositives share of the class's rows at or above the threshold, 0 to 1
     */
    public record Point(double falsePositives, double truePositives) {}

    /**
     * The curve of some scores.
     *
     * @param positives scores of the rows of the class; left as they are
     * @param negatives scores of the other rows; left as they are
     */
    public static RocCurve of(double[] positives, double[] negatives) {
        double[] upper = sorted(positives);
        double[] lower = sorted(negatives);
        // NaN is sorted to the end.
        boolean defined = upper.length > 0
                && lower.length > 0
                && !Double.isNaN(upper[upper.length - 1])
                && !Double.isNaN(lower[lower.length - 1]);
        return new RocCurve(upper, lower, defined);
    }

    private static double[] sorted(double[] scores) {
        // −0.0 and 0.0 are a tie.
        double[] sorted = Arrays.stream(scores).map(score -> score + 0.0).toArray();
        Arrays.sort(sorted);
        return sorted;
    }

    /** 0 to 1; NaN where the rows are all of the class or none is, or where a score is NaN. */
    public double area() {
        if (!defined) {
            return Double.NaN;
        }
        double wins = 0;
        int below = 0;
        int notAbove = 0;
        for (double score : positives) {
            while (below < negatives.length && negatives[below] < score) {
                below++;
            }
            notAbove = Math.max(notAbove, below);
            while (notAbove < negatives.length && negatives[notAbove] <= score) {
                notAbove++;
            }
            wins += below + 0.5 * (notAbove - below);
        }
        return wins / ((double) positives.length * negatives.length);
    }

    /**
     * The curve from (0, 0) to (1, 1), thinned out evenly; nothing where the area is NaN.
     *
     * @param most points at most, 2 or more
     */
    public List<Point> points(int most) {
        if (!defined) {
            return List.of();
        }
        List<Point> all = new ArrayList<>();
        all.add(new Point(0, 0));
        int positive = positives.length;
        int negative = negatives.length;
        while (positive > 0 || negative > 0) {
            double threshold = Math.max(
                    positive > 0 ? positives[positive - 1] : Double.NEGATIVE_INFINITY,
                    negative > 0 ? negatives[negative - 1] : Double.NEGATIVE_INFINITY);
            while (positive > 0 && positives[positive - 1] >= threshold) {
                positive--;
            }
            while (negative > 0 && negatives[negative - 1] >= threshold) {
                negative--;
            }
            all.add(new Point(1 - (double) negative / negatives.length, 1 - (double) positive / positives.length));
        }
        if (all.size() <= most) {
            return List.copyOf(all);
        }
        List<Point> some = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            some.add(all.get((int) Math.round((double) i * (all.size() - 1) / (most - 1))));
        }
        return List.copyOf(some);
    }
}
