package dev.tatara.statistics.drift;

import dev.tatara.statistics.distributions.Tails;

/**
 * The distribution of Kolmogorov's D of one sample, by the parts that Simard and L'Ecuyer 2011 (Journal of Statistical
 * Software 39) found best and SciPy chose: its {@code kstwo.sf}, with the same error, which is
 * 2e-6 at most.
 */
final class Kolmogorov {
    /** Up to here by Marsaglia, Tsang, Wang 2003, which is exact. */
    private static final int SMALL = 140;

    /** Beyond, the same where n d^1.5 is no more: where the series is worst and the matrix small. */
    private static final double MATRIX_UP_TO = 1.4;

    /** Up to here the one-sided distribution is summed up. */
    private static final int SUM_UP_TO = 100_000;

    private static final double ROOT_HALF_PI = Math.sqrt(Math.PI / 2);

    private Kolmogorov() {}

    /**
     * P(D ≥ d).
     *
     * @param d 0 to 1
     * @param n size of the sample, 1 or more
     */
    static double above(double d, long n) {
        if (n * d <= 0.5) {
            return 1;
        }
        if (d >= 1) {
            return 0;
        }
        double square = n * d * d;
        // Beyond, the two sides hardly ever happen together: twice the one-sided probability.
        if (d >= 0.5 || square >= (n <= SMALL ? 4 : n <= SUM_UP_TO ? 2.2 : 7)) {
            return Math.min(1, 2 * oneSided(d, n));
        }
        boolean byMatrix = n <= SMALL || (n <= SUM_UP_TO && n * Math.pow(d, 1.5) <= MATRIX_UP_TO);
        double below = byMatrix ? matrix(d, (int) n) : pelzGood(d, n);
        return Math.clamp(1 - below, 0, 1);
    }

    /** P(√n · D ≥ x) for n → ∞ (Kolmogorov 1933; Feller 1948). */
    static double limit(double x) {
        if (x < 1) {
            double sum = 0;
            for (int k = 1; k <= 20; k += 2) {
                sum += Math.exp(-k * k * Math.PI * Math.PI / (8 * x * x));
            }
            return x <= 0 ? 1 : Math.clamp(1 - Math.sqrt(2 * Math.PI) / x * sum, 0, 1);
        }
        double sum = 0;
        for (int k = 1; k <= 20; k++) {
            sum += (k % 2 == 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
        }
        return Math.clamp(sum, 0, 1);
    }

    /** The x that √n · D exceeds with a probability, for n → ∞. */
    static double limitAbove(double probability) {
        return probability >= 1 ? 0 : Tails.inverse(Kolmogorov::limit, probability, 20);
    }

    /** Birnbaum, Tingey 1951; for very large n Maag, Dicaire 1971. SciPy's {@code ksone.sf}. */
    private static double oneSided(double d, long n) {
        if (n > SUM_UP_TO) {
            double root = 6 * n * d + 1;
            return Math.exp(-root * root / (18.0 * n));
        }
        int last = (int) Math.floor(n * (1 - d));
        double logChoose = 0;
        double sum = 0;
        for (int j = 0; j <= last; j++) {
            double up = d + (double) j / n;
            double down = 1 - up;
            double term = logChoose + (j - 1) * Math.log(up);
            if (n > j) {
                term += down > 0 ? (n - j) * Math.log(down) : Double.NEGATIVE_INFINITY;
            }
            sum += Math.exp(term);
            logChoose += Math.log((double) (n - j) / (j + 1));
        }
        return Math.min(1, d * sum);
    }

    /** Marsaglia, Tsang, Wang 2003 (Journal of Statistical Software 8): P(D &lt; d). */
    private static double matrix(double d, int n) {
        int k = (int) Math.floor(n * d) + 1;
        int size = 2 * k - 1;
        double h = k - n * d;
        double[] start = new double[size * size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                start[i * size + j] = i - j + 1 < 0 ? 0 : 1;
            }
        }
        for (int i = 0; i < size; i++) {
            start[i * size] -= Math.pow(h, i + 1);
            start[(size - 1) * size + i] -= Math.pow(h, size - i);
        }
        start[(size - 1) * size] += 2 * h - 1 > 0 ? Math.pow(2 * h - 1, size) : 0;
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                for (int g = 2; g <= i - j + 1; g++) {
                    start[i * size + j] /= g;
                }
            }
        }
        Scaled power = new Scaled(start, 0).power(n, size);
        double value = power.cells[(k - 1) * size + k - 1];
        int exponent = power.exponent;
        for (int i = 1; i <= n; i++) {
            value = value * i / n;
            if (value < 1e-140) {
                value *= 1e140;
                exponent -= 140;
            }
        }
        return value * Math.pow(10, exponent);
    }

    /** A square matrix times a power of ten. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Scaled(double[] cells, int exponent) {
        Scaled power(int n, int size) {
            if (n == 1) {
                return this;
            }
            Scaled half = power(n / 2, size);
            Scaled square = half.times(half, size);
            Scaled whole = n % 2 == 0 ? square : square.times(this, size);
            if (whole.cells[size / 2 * size + size / 2] <= 1e140) {
                return whole;
            }
            double[] smaller = new double[whole.cells.length];
            for (int i = 0; i < smaller.length; i++) {
                smaller[i] = whole.cells[i] * 1e-140;
            }
            return new Scaled(smaller, whole.exponent + 140);
        }

        private Scaled times(Scaled other, int size) {
            double[] product = new double[size * size];
            for (int i = 0; i < size; i++) {
                for (int k = 0; k < size; k++) {
                    double factor = cells[i * size + k];
                    for (int j = 0; j < size; j++) {
                        product[i * size + j] += factor * other.cells[k * size + j];
                    }
                }
            }
            return new Scaled(product, exponent + other.exponent);
        }
    }

    /** Pelz, Good 1976 (Journal of the Royal Statistical Society B 38), four terms: P(D &lt; d). */
    private static double pelzGood(double d, long n) {
        double root = Math.sqrt((double) n);
        double z = root * d;
        double z2 = z * z;
        double z4 = z2 * z2;
        double z6 = z4 * z2;
        double k0 = 0;
        double k1 = 0;
        double k2 = 0;
        double k3 = 0;
        double evenSquares = 0;
        double evenFourths = 0;
        for (int k = 0; k <= 20; k++) {
            // Each half-integer k + ½ stands for itself and its negative.
            double a = Math.PI * Math.PI * (k + 0.5) * (k + 0.5);
            double weight = 2 * Math.exp(-a / (2 * z2));
            k0 += weight;
            k1 += weight * (a - z2);
            k2 += weight * (6 * z6 + 2 * z4 + a * (2 * z4 - 5 * z2) + a * a * (1 - 2 * z2));
            k3 += weight
                    * (a * a * a * (5 - 30 * z2)
                            + a * a * (-60 * z2 + 212 * z4)
                            + a * (135 * z4 - 96 * z6)
                            - 30 * z6
                            - 90 * z6 * z2);
            double b = Math.PI * Math.PI * k * k;
            double even = 2 * Math.exp(-b / (2 * z2));
            evenSquares += even * b;
            evenFourths += even * (-b * b + 3 * b * z2);
        }
        double first = k0 / z;
        double second = k1 / (6 * z4);
        double third = k2 / (72 * z6 * z) - evenSquares / (36 * z2 * z);
        double fourth = k3 / (6480 * z6 * z4) + evenFourths / (216 * z6);
        return ROOT_HALF_PI * (first + second / root + third / n + fourth / (n * root));
    }
}
