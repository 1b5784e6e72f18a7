package dev.tatara.statistics.metrics;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * The scores that a model gives to each class, row by row, with each row's own class: what {@code roc_auc} and {@code
 * log_loss} are computed from. Takes 8 bytes per row and class.
 */
public final class ClassScores {
    private final int classes;
    private int[] actual = new int[1024];
    private double[] scores;
    private int rows;

    /**
     * @param classes number of classes, 1 or more
     */
    public ClassScores(int classes) {
        this.classes = classes;
        scores = new double[1024 * classes];
    }

    /**
     * Adds a row.
     *
     * @param label position of the row's class, −1 for a class that the model doesn't know
     * @param from where the row's scores are
     * @param offset where they begin
     */
    public void add(int label, double[] from, int offset) {
        if (rows == actual.length) {
            int size = Math.multiplyExact(rows, 2);
            actual = Arrays.copyOf(actual, size);
            scores = Arrays.copyOf(scores, Math.multiplyExact(size, classes));
        }
        actual[rows] = label;
        System.arraycopy(from, offset, scores, rows * classes, classes);
        rows++;
    }

    public int rows() {
        return rows;
    }

    public int classes() {
        return classes;
    }

    /** The curve of a class against all others. */
    public RocCurve curve(int position) {
        double[] positives = IntStream.range(0, rows)
                .filter(row -> actual[row] == position)
                .mapToDouble(row -> scores[row * classes + position])
                .toArray();
        double[] negatives = IntStream.range(0, rows)
                .filter(row -> actual[row] != position)
                .mapToDouble(row -> scores[row * classes + position])
                .toArray();
        return RocCurve.of(positives, negatives);
    }

    /**
     * The mean of the areas of each class against all others, each class counting the same: {@code roc_auc_score} with
     * {@code multi_class="ovr", average="macro"}. Classes that no row has are left out, since nothing could be said of
     * them. NaN where fewer than two classes have rows, or a score is NaN.
     */
    public double areaOneVersusRest() {
        boolean[] present = new boolean[classes];
        boolean unknown = false;
        for (int row = 0; row < rows; row++) {
            if (actual[row] >= 0) {
                present[actual[row]] = true;
            } else {
                unknown = true;
            }
        }
        int[] found = IntStream.range(0, classes).filter(i -> present[i]).toArray();
        if (found.length + (unknown ? 1 : 0) < 2) {
            return Double.NaN;
        }
        OptionalDouble mean =
                Arrays.stream(found).mapToDouble(i -> curve(i).area()).average();
        return mean.orElse(Double.NaN);
    }

    /** As {@link LogLoss}; a row of a class that the model doesn't know counts as probability 0. */
    public double logLoss() {
        LogLoss loss = new LogLoss();
        for (int row = 0; row < rows; row++) {
            loss.add(actual[row] < 0 ? 0 : scores[row * classes + actual[row]]);
        }
        return loss.mean();
    }
}
