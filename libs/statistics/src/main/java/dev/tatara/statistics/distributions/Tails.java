package dev.tatara.statistics.distributions;

import java.util.function.DoubleUnaryOperator;

/** Upper tails of the normal and the chi-square distribution, and where they begin. */
public final class Tails {
    private static final int HALVINGS = 200;

    private Tails() {}

    /** P(Z ≥ z) of a standard normal; SciPy's {@code norm.sf}. */
    public static double normal(double z) {
        double half = 0.5 * IncompleteGamma.upper(0.5, 0.5 * z * z);
        return z >= 0 ? half : 1 - half;
    }

    /** The z that a standard normal exceeds with a probability from 0 to ½; SciPy's {@code norm.isf}. */
    public static double normalAbove(double probability) {
        return inverse(Tails::normal, probability, 40);
    }

    /** P(X ≥ x) of a chi-square; SciPy's {@code chi2.sf}. */
    public static double chiSquare(double x, double degrees) {
        return IncompleteGamma.upper(0.5 * degrees, 0.5 * x);
    }

    /** The x that a chi-square exceeds with a probability; SciPy's {@code chi2.isf}. */
    public static double chiSquareAbove(double probability, double degrees) {
        // Laurent, Massart 2000: beyond this is less than e^−750.
        double most = degrees + 2 * Math.sqrt(750 * degrees) + 1500;
        return inverse(x -> chiSquare(x, degrees), probability, most);
    }

    /** Where a tail that falls from 0 to {@code most} reaches a probability. */
    public static double inverse(DoubleUnaryOperator tail, double probability, double most) {
        if (probability <= 0) {
            return Double.POSITIVE_INFINITY;
        }
        double low = 0;
        double high = most;
        for (int i = 0; i < HALVINGS && high - low > 1e-13 * high; i++) {
            double middle = 0.5 * (low + high);
            if (tail.applyAsDouble(middle) > probability) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }
}
