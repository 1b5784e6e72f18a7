package dev.tatara.statistics.metrics;

/**
 * The mean negative logarithm of the probability that a model gave to a row's own class; natural logarithm, 0 is best.
 * Probabilities are kept away from 0 and 1 by {@value #EPSILON}, as scikit-learn's {@code log_loss} keeps doubles.
 */
public final class LogLoss {
    /** The distance of 1 to the next double. */
    public static final double EPSILON = 0x1p-52;

    private long rows;
    private double sum;
    private double lost;

    /** Adds a row; a probability of NaN makes the mean NaN. */
    public void add(double probability) {
        double clipped = Double.isNaN(probability) ? probability : Math.clamp(probability, EPSILON, 1 - EPSILON);
        // Kahan 1965: what a sum of many loses by rounding.
        double term = -Math.log(clipped) - lost;
        double next = sum + term;
        lost = next - sum - term;
        sum = next;
        rows++;
    }

    /** The mean; NaN without rows. */
    public double mean() {
        return rows == 0 ? Double.NaN : sum / rows;
    }
}
