package dev.tatara.statistics.drift;

import dev.tatara.statistics.distributions.Tails;

/**
 * Distances between shares, as Evidently 0.7 computes them, with what chance alone makes of them and what the sketches'
 * error does.
 */
final class Divergence {
    /** What stands for a share of 0 in PSI and Kullback-Leibler unless the smallest share is no larger. */
    private static final double FILL = 1e-4;

    /** The part of the smallest share that stands for 0 otherwise. */
    private static final double PART = 1e6;

    /** From so many degrees on a chi-square is as good as normal. */
    private static final double NEARLY_NORMAL = 100_000;

    private Divergence() {}

    /** The distance of a method. */
    static double of(Method method, Table table) {
        return switch (method) {
            case PSI -> stabilityIndex(filled(table.reference()), filled(table.current()));
            case KullbackLeibler -> kullbackLeibler(filled(table.reference()), filled(table.current()));
            case JensenShannon -> jensenShannon(table.reference(), table.current());
            case Auto, KolmogorovSmirnov, ChiSquare, ChiSquareFit, ZTest, Wasserstein ->
                throw new IllegalArgumentException("expected a distance of shares, found: " + method);
        };
    }

    /** Σ (p − q) ln(p / q), 0 or more. */
    private static double stabilityIndex(double[] p, double[] q) {
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += (p[i] - q[i]) * Math.log(p[i] / q[i]);
        }
        return sum;
    }

    /** Σ p ln(p / q) of shares made to sum to 1, 0 or more: SciPy's {@code stats.entropy(p, q)}. */
    private static double kullbackLeibler(double[] p, double[] q) {
        double all = sum(p);
        double allOfQ = sum(q);
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += p[i] / all * Math.log(p[i] / all / (q[i] / allOfQ));
        }
        return Math.max(0, sum);
    }

    /** The root of the divergence to base e, 0 to √ln 2: SciPy's {@code distance.jensenshannon}. */
    private static double jensenShannon(double[] p, double[] q) {
        double all = sum(p);
        double allOfQ = sum(q);
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            double one = p[i] / all;
            double other = q[i] / allOfQ;
            double middle = 0.5 * (one + other);
            sum += one > 0 ? one * Math.log(one / middle) : 0;
            sum += other > 0 ? other * Math.log(other / middle) : 0;
        }
        return Math.sqrt(Math.max(0, sum) / 2);
    }

    private static double sum(double[] shares) {
        double sum = 0;
        for (double share : shares) {
            sum += share;
        }
        return sum;
    }

    private static double[] filled(double[] shares) {
        double fill = fill(Method.PSI, shares);
        double[] filled = shares.clone();
        for (int i = 0; i < filled.length; i++) {
            filled[i] = filled[i] > 0 ? filled[i] : fill;
        }
        return filled;
    }

    /**
     * The distance that two samples of one distribution exceed with a probability: what it would be if each cell's
     * values, as many as both sides have together, fell to the sides by chance. The sum over cells is taken for a
     * multiple of a chi-square with the same mean and variance (Satterthwaite 1946); for many values in each cell that
     * is (1/n + 1/m) χ² with a degree less than cells for PSI (Yurdakul 2018), half of it for Kullback-Leibler and an
     * eighth for the squared Jensen-Shannon distance.
     */
    static double noise(Method method, Table table, double probability) {
        Chance chance = new Chance(method, table);
        double all = (double) table.referenceValues() + table.currentValues();
        double mean = 0;
        double variance = 0;
        for (int i = 0; i < table.cells(); i++) {
            long together = Math.round(
                    table.reference()[i] * table.referenceValues() + table.current()[i] * table.currentValues());
            // Sides have so many values each, which leaves less to chance: a hypergeometric distribution's variance.
            double left = (all - together) / (all - 1);
            Chance.Moments moments = chance.of(together);
            mean += left * moments.mean();
            variance += left * left * moments.variance();
        }
        double noise = quantile(mean, variance, probability);
        return method == Method.JensenShannon ? Math.sqrt(noise) : noise;
    }

    private static double quantile(double mean, double variance, double probability) {
        if (mean <= 0 || variance <= 0) {
            return Math.max(0, mean);
        }
        double degrees = 2 * mean * mean / variance;
        return degrees > NEARLY_NORMAL
                ? mean + Tails.normalAbove(probability) * Math.sqrt(variance)
                : mean / degrees * Tails.chiSquareAbove(probability, degrees);
    }

    /** What a cell adds to a distance, of the Jensen-Shannon one to its square; 0 or more. */
    static double part(Method method, double p, double q) {
        return switch (method) {
            case JensenShannon ->
                0.5 * ((p > 0 ? p * Math.log(2 * p / (p + q)) : 0) + (q > 0 ? q * Math.log(2 * q / (p + q)) : 0));
            case KullbackLeibler -> p * Math.log(p / q) - p + q;
            default -> (p - q) * Math.log(p / q);
        };
    }

    /** What stands for a share of 0. */
    static double fill(Method method, double[] shares) {
        if (method == Method.JensenShannon) {
            return 0;
        }
        double least = Double.POSITIVE_INFINITY;
        for (double share : shares) {
            least = share > 0 ? Math.min(least, share) : least;
        }
        return least <= FILL ? least / PART : FILL;
    }
}
