package dev.tatara.statistics.distributions;

/**
 * The regularized incomplete gamma function, by its series below {@code a + 1} and by Lentz' continued fraction above
 * (Abramowitz, Stegun 6.5.29 and 6.5.31; Press et al., Numerical Recipes, 6.2). Relative error below 1e-9 for {@code a}
 * up to a million; SciPy's {@code gammainc} and {@code gammaincc}.
 */
public final class IncompleteGamma {
    private static final double EPSILON = 1e-16;
    private static final double TINY = 1e-300;
    private static final double STIRLING_FROM = 10;
    private static final double LOG_ROOT_TWO_PI = 0.5 * Math.log(2 * Math.PI);

    private IncompleteGamma() {}

    /**
     * The upper one, Q(a, x).
     *
     * @param a more than 0
     * @param x 0 or more
     */
    public static double upper(double a, double x) {
        if (Double.isNaN(x)) {
            return Double.NaN;
        }
        if (x <= 0) {
            return 1;
        }
        if (x == Double.POSITIVE_INFINITY) {
            return 0;
        }
        return x < a + 1 ? 1 - series(a, x) : fraction(a, x);
    }

    private static double series(double a, double x) {
        double term = 1;
        double sum = 1;
        for (double n = a + 1; term > sum * EPSILON; n++) {
            term *= x / n;
            sum += term;
        }
        return front(a, x) * sum;
    }

    private static double fraction(double a, double x) {
        double b = x + 1 - a;
        double c = 1 / TINY;
        double d = 1 / b;
        double product = d;
        double change = 0;
        for (double i = 1; Math.abs(change - 1) > EPSILON * 4; i++) {
            double term = -i * (i - a);
            b += 2;
            d = term * d + b;
            d = Math.abs(d) < TINY ? TINY : d;
            c = b + term / c;
            c = Math.abs(c) < TINY ? TINY : c;
            d = 1 / d;
            change = d * c;
            product *= change;
        }
        return front(a, x) * a * product;
    }

    /** x^a e^−x / Γ(a + 1), without the large numbers that nearly cancel. */
    private static double front(double a, double x) {
        if (a < STIRLING_FROM) {
            return Math.exp(a * Math.log(x) - x - logGamma(a + 1));
        }
        double mu = (x - a) / a;
        return Math.exp(a * (Math.log1p(mu) - mu) - LOG_ROOT_TWO_PI - 0.5 * Math.log(a) - stirling(a));
    }

    /** ln Γ(x) by Stirling's series, for x above 0. */
    public static double logGamma(double x) {
        double shifted = x;
        double product = 1;
        while (shifted < STIRLING_FROM) {
            product *= shifted++;
        }
        return (shifted - 0.5) * Math.log(shifted) - shifted + LOG_ROOT_TWO_PI + stirling(shifted) - Math.log(product);
    }

    /** What Stirling's formula for ln Γ lacks (Abramowitz, Stegun 6.1.41); error below 1e-16 from 10 on. */
    private static double stirling(double x) {
        double square = 1 / (x * x);
        return (1.0 / 12
                        + square
                                * (-1.0 / 360
                                        + square
                                                * (1.0 / 1260
                                                        + square
                                                                * (-1.0 / 1680
                                                                        + square
                                                                                * (1.0 / 1188
                                                                                        + square
                                                                                                * (-691.0 / 360360
                                                                                                        + square
                                                                                                                / 156))))))
                / x;
    }
}
