package dev.tatara.statistics.drift;

import dev.tatara.statistics.Steps;
import java.util.Arrays;

/** Smirnov's test of two samples, as SciPy's {@code ks_2samp} makes it. */
final class Smirnov {
    /** SciPy's MAX_AUTO_N: the exact distribution up to this size of the larger sample. */
    private static final int EXACT_UP_TO = 10_000;

    /** Where the exact probability is less, the asymptotic one is as good. */
    private static final double NEGLIGIBLE = 1e-14;

    private Smirnov() {}

    /** The largest difference of two distribution functions, 0 to 1. */
    static double distance(Steps one, Steps other) {
        double largest = 0;
        double ranks = 1.0 / one.count();
        double otherRanks = 1.0 / other.count();
        int i = 0;
        int j = 0;
        while (i < one.size() && j < other.size()) {
            double value = Math.min(one.value(i), other.value(j));
            if (one.value(i) == value) {
                i++;
            }
            if (other.value(j) == value) {
                j++;
            }
            double gap = (i == 0 ? 0 : one.upTo(i - 1) * ranks) - (j == 0 ? 0 : other.upTo(j - 1) * otherRanks);
            largest = Math.max(largest, Math.abs(gap));
        }
        return Math.min(largest, 1);
    }

    /**
     * How often two samples of one distribution differ by {@code distance} or more; ties make it less.
     *
     * @param distance 0 to 1
     * @param n size of one sample, 1 or more
     * @param m size of the other
     * @param exact whether the exact distribution is worth its time: up to nm steps
     */
    static double pValue(double distance, long n, long m, boolean exact) {
        if (distance <= 0) {
            return 1;
        }
        double effective = (double) n * m / (n + m);
        // Wei, Dudley 2012: P(D ≥ d) ≤ e · exp(−2 d² nm / (n + m)).
        boolean negligible = Math.exp(1 - 2 * distance * distance * effective) < NEGLIGIBLE;
        if (!exact || negligible || Math.max(n, m) > EXACT_UP_TO) {
            return Kolmogorov.above(distance, Math.max(1, (long) Math.rint(effective)));
        }
        long gcd = gcd(n, m);
        long steps = Math.round(distance * (n / gcd * m));
        if (steps == 0) {
            return 1;
        }
        return n == m ? square((int) n, (int) steps) : outside((int) Math.max(n, m), (int) Math.min(n, m), steps, gcd);
    }

    private static long gcd(long n, long m) {
        return m == 0 ? n : gcd(m, n % m);
    }

    /**
     * Gnedenko, Koroljuk 1951 for samples of the same size: 2 Σ (−1)^(k+1) C(2n, n − kh) / C(2n, n), each term made of
     * the one before, so that nothing large cancels.
     */
    private static double square(int n, int h) {
        double probability = 0;
        for (int k = n / h; k >= 0; k--) {
            double ratio = 1;
            for (int j = 0; j < h; j++) {
                ratio *= (double) (n - k * h - j) / (n + k * h + j + 1);
            }
            probability = ratio * (1 - probability);
        }
        return Math.clamp(2 * probability, 0, 1);
    }

    /**
     * Hodges 1958: a path of n + m steps from (0, 0) to (n, m), all alike, each step a value of one or the other sample
     * in ascending order; how often does one leave the band |i / n − j / m| &lt; steps / lcm(n, m)? Of the paths that
     * end in (i, j) the share i / (i + j) comes from (i − 1, j).
     */
    private static double outside(int n, int m, long steps, long gcd) {
        long a = n / gcd;
        long b = m / gcd;
        double[] column = new double[m + 1];
        Arrays.fill(column, 1);
        int before = (int) Math.min(Math.ceilDiv(steps, a), m + 1);
        Arrays.fill(column, 0, before, 0);
        for (int i = 1; i <= n; i++) {
            // |i·b − j·a| < steps
            int first = Math.clamp(Math.floorDiv(i * b - steps, a) + 1, 0, m);
            int end = (int) Math.min(Math.ceilDiv(i * b + steps, a), m + 1);
            if (end <= first) {
                return 1;
            }
            double value = first == 0 ? 0 : 1;
            for (int j = first; j < end; j++) {
                value = (column[j] * i + value * j) / (i + j);
                column[j] = value;
            }
        }
        return Math.clamp(column[m], 0, 1);
    }
}
