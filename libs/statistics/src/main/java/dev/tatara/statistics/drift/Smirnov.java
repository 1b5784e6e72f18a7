package dev.tatara.statistics.drift;

import dev.tatara.statistics.Steps;
import java.util.Arrays;

/** Smirnov's test of two samples, as SciPy's {@code ks_2samp} makes it. */
final class Smirnov {
    /** SciPy's MAX_AUTO_N: the exact distribution up to this size of the larger sample. */
    private static final int EXACT_UP_TO = 10_000;

    /** Where the exact probability is less, the asymptotic one is as good. */
    private static final double NEGLIGIBLE = 1e-14;

    /** Values of a block: fewer are found by more searches, more are passed over less often. */
    private static final int BLOCK = 128;

    private Smirnov() {}

    /**
     * The largest difference of two distribution functions, 0 to 1. Known first where blocks of the values of one end;
     * within a block both functions only rise, so that most blocks needn't be looked at.
     */
    static double distance(Steps one, Steps other) {
        int blocks = Math.ceilDiv(one.size(), BLOCK);
        int[] ends = new int[blocks];
        double largest = 0;
        for (int block = 0, j = 0; block < blocks; block++) {
            int end = Math.min((block + 1) * BLOCK, one.size());
            j = beyond(other, one.value(end - 1), j);
            ends[block] = j;
            largest = Math.max(largest, Math.abs(share(one, end) - share(other, j)));
        }
        for (int block = 0; block < blocks; block++) {
            int first = block * BLOCK;
            int firstOfOther = block == 0 ? 0 : ends[block - 1];
            int end = Math.min(first + BLOCK, one.size());
            double most = Math.max(
                    share(one, end) - share(other, firstOfOther), share(other, ends[block]) - share(one, first));
            if (most > largest) {
                largest = Math.max(largest, distance(one, first, end, other, firstOfOther, ends[block]));
            }
        }
        return Math.min(largest, 1);
    }

    /** The largest difference where values of a range of either are passed. */
    private static double distance(Steps one, int first, int end, Steps other, int firstOfOther, int endOfOther) {
        double largest = 0;
        int i = first;
        int j = firstOfOther;
        while (i < end && j < endOfOther) {
            double value = Math.min(one.value(i), other.value(j));
            if (one.value(i) == value) {
                i++;
            }
            if (other.value(j) == value) {
                j++;
            }
            largest = Math.max(largest, Math.abs(share(one, i) - share(other, j)));
        }
        return largest;
    }

    /** The share of numbers among the first values. */
    private static double share(Steps steps, int values) {
        return values == 0 ? 0 : steps.upTo(values - 1) * (1.0 / steps.count());
    }

    /** How many values aren't larger, where the first {@code known} are known not to be. */
    private static int beyond(Steps steps, double value, int known) {
        int low = known;
        int step = 1;
        while (low + step <= steps.size() && steps.value(low + step - 1) <= value) {
            low += step;
            step *= 2;
        }
        int high = Math.min(low + step, steps.size() + 1);
        while (low + 1 < high) {
            int middle = (low + high) >>> 1;
            if (steps.value(middle - 1) <= value) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
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
