package dev.tatara.statistics.drift;

import dev.tatara.statistics.distributions.Tails;

/**
 * How much sketches of numbers may add to distances. Measured, not derived: nine shapes of numbers, 250 to 100,000 of
 * them, in one sketch and merged from 200, compared with the same distances of the values themselves; of other samples
 * than those that the constants come from, 99.4 % and more were within them. It is a bound to one side, that of false
 * alarms: of shares of tails that lie in a few wide intervals a sketch may see nothing, and a distance of the values be
 * larger than it says by any amount.
 *
 * <p>A share of numbers between two bounds is off by {@value #PART} of the sketch's largest rank error (one standard
 * deviation), less for shares below {@value #THIN}: a sketch keeps few values of thin tails. What it has of cells below
 * {@value #LEAST_SHARE} is chance, so these are taken together.
 */
final class SketchError {
    /** Least share, on one side at least, of a cell that a sketch tells anything about. */
    static final double LEAST_SHARE = 0.02;

    /** Areas between distribution functions are off by this many standard deviations of the shares in them at most. */
    static final double OF_AREA = 1.25;

    private static final double PART = 0.3;
    private static final double THIN = 0.01;

    /** Below, what is divided by a share would be all error. */
    private static final double FLOOR = 0.002;

    /** z of 99 %. */
    private static final double Z = Tails.normalAbove(0.01);

    private SketchError() {}

    /** Standard deviation of a share. */
    static double ofShare(double share, double rankError) {
        return PART * rankError * Math.min(1, Math.sqrt(share / THIN));
    }

    /**
     * How much the sketches may have added to the distance of a table, of Jensen-Shannon its square: each share's error by what the distance
     * changes with it, to the second order.
     */
    static double of(Method method, Table table, double rankError, double rankErrorOfCurrent) {
        double variance = 0;
        double bias = 0;
        for (int i = 0; i < table.cells(); i++) {
            double p = Math.max(FLOOR, table.reference()[i]);
            double q = Math.max(FLOOR, table.current()[i]);
            double ofP = square(ofShare(p, rankError));
            double ofQ = square(ofShare(q, rankErrorOfCurrent));
            variance += square(slope(method, p, q, true)) * ofP + square(slope(method, p, q, false)) * ofQ;
            bias += 0.5 * (curve(method, p, q, true) * ofP + curve(method, p, q, false) * ofQ);
        }
        return bias + Z * Math.sqrt(variance);
    }

    private static double square(double value) {
        return value * value;
    }

    /** What a distance changes by with p, or with q. */
    private static double slope(Method method, double p, double q, boolean withP) {
        return switch (method) {
            case JensenShannon -> 0.5 * Math.log(2 * (withP ? p : q) / (p + q));
            case KullbackLeibler -> withP ? Math.log(p / q) : 1 - p / q;
            default -> withP ? Math.log(p / q) + 1 - q / p : Math.log(q / p) + 1 - p / q;
        };
    }

    /** What the slope changes by. */
    private static double curve(Method method, double p, double q, boolean withP) {
        double own = withP ? p : q;
        double other = withP ? q : p;
        return switch (method) {
            case JensenShannon -> 0.5 * (1 / own - 1 / (p + q));
            case KullbackLeibler -> withP ? 1 / p : p / (q * q);
            default -> 1 / own + other / (own * own);
        };
    }
}
