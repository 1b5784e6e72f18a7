package dev.tatara.statistics.metrics;

/**
 * How far numbers are from what they should be, as scikit-learn's {@code mean_absolute_error}, {@code
 * root_mean_squared_error} and {@code r2_score} have it. Filled row by row in constant memory.
 */
public final class RegressionErrors {
    private long rows;
    private double absolute;
    private double squared;
    private double meanOfLabels;
    private double squaresOfLabels;

    /** Adds a row; NaN in one of the two makes every error NaN. */
    public void add(double actual, double answered) {
        rows++;
        double error = answered - actual;
        absolute += (Math.abs(error) - absolute) / rows;
        squared += (error * error - squared) / rows;
        // Welford 1962.
        double delta = actual - meanOfLabels;
        meanOfLabels += delta / rows;
        squaresOfLabels += delta * (actual - meanOfLabels);
    }

    public long rows() {
        return rows;
    }

    /** Mean absolute error, in the label's unit; NaN without rows. */
    public double meanAbsoluteError() {
        return rows == 0 ? Double.NaN : absolute;
    }

    /** Root of the mean squared error, in the label's unit; NaN without rows. */
    public double rootMeanSquaredError() {
        return rows == 0 ? Double.NaN : Math.sqrt(squared);
    }

    /**
     * The share of the labels' variance that is explained: 1 at best, without bound below. Where all labels are the
     * same, 1 if every answer is right and 0 else. NaN for fewer than two rows.
     */
    public double determination() {
        if (rows < 2 || Double.isNaN(squared)) {
            return Double.NaN;
        }
        if (squaresOfLabels == 0) {
            return squared == 0 ? 1 : 0;
        }
        return 1 - squared * rows / squaresOfLabels;
    }

    /** Standard deviation of the labels, n − 1 in the denominator; NaN for fewer than two rows. */
    public double labelDeviation() {
        return rows < 2 ? Double.NaN : Math.sqrt(squaresOfLabels / (rows - 1));
    }
}
