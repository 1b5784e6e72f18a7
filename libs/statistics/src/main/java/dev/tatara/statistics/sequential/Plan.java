package dev.tatara.statistics.sequential;

import dev.tatara.statistics.distributions.Tails;

/**
 * An experiment between stable and candidate on a figure of which more is better, and what it has found. The test is
 * two-sided. {@linkplain Mixture A sequential one} may be looked at at any time; another is looked at once, when the
 * planned units are there, by a test of the normal distribution.
 */
public final class Plan {
    /** Units of each side before anything is said: below, no mean is nearly normal. */
    public static final int LEAST = 30;

    private final double alpha;
    /** Null for an experiment that is looked at once. */
    private final Mixture mixture;

    private final long stable;
    private final long candidate;

    private Plan(double effect, Design design) {
        double ratio = design.candidateShare / (1 - design.candidateShare);
        double once = SampleSize.of(effect, design.alpha, design.power, ratio);
        double needed = design.sequential ? once * inflation(design.alpha, design.power) : once;
        alpha = design.alpha;
        mixture = design.sequential ? Mixture.of(design.minimumEffect, design.alpha, design.power) : null;
        stable = (long) Math.ceil(needed);
        candidate = (long) Math.ceil(needed * ratio);
    }

    /**
     * What an experiment shall find.
     *
     * @param minimumEffect smallest absolute difference worth finding, above 0
     * @param alpha how often a difference may be found where there is none, over all looks together; between 0 and ½
     * @param power how often {@code minimumEffect} is to be found where it exists; from ½ on, below 1
     * @param candidateShare of the units, between 0 and 1
     * @param sequential whether it may be looked at at any time
     */
    public record Design(double minimumEffect, double alpha, double power, double candidateShare, boolean sequential) {
        public Design {
            if (!(alpha > 0 && alpha < 0.5) || !(power >= 0.5 && power < 1)) {
                throw new IllegalArgumentException("expected alpha between 0 and 0.5 and power from 0.5 to below 1,"
                        + " found: " + alpha + ", " + power);
            }
            if (!(minimumEffect > 0 && minimumEffect < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("expected a minimumEffect above 0, found " + minimumEffect);
            }
            if (!(candidateShare > 0 && candidateShare < 1)) {
                throw new IllegalArgumentException(
                        "expected a candidateShare between 0 and 1, found " + candidateShare);
            }
        }
    }

    /** How far an experiment is. */
    public enum Outcome {
        /** It goes on. */
        Undecided,
        CandidateWins,
        StableWins,
        /** It is at its end, and a difference as large as the smallest one worth finding would have shown, or time is up. */
        NoWinner
    }

    /**
     * What an experiment has found.
     *
     * @param difference candidate's mean less stable's; NaN where a side has no units
     * @param low end of the interval for the true difference at confidence 1 − alpha; −∞ where nothing is known yet
     * @param high its other end; +∞ where nothing is known yet
     * @param pValue that there is no difference, 0 to 1; 1 where nothing is known yet
     * @param lift difference as a share of stable's mean; NaN where that is 0
     * @param outcome how far it is
     */
    public record Found(double difference, double low, double high, double pValue, double lift, Outcome outcome) {}

    /**
     * An experiment on a share of units that succeed.
     *
     * @param rate stable's today, above 0; with the smallest effect worth finding below 1
     */
    public static Plan ofProportion(double rate, Design design) {
        if (!(rate > 0 && rate + design.minimumEffect < 1)) {
            throw new IllegalArgumentException("expected a rate above 0 that is below 1 with the minimumEffect added,"
                    + " found: " + rate + " + " + design.minimumEffect);
        }
        return new Plan(SampleSize.effect(rate + design.minimumEffect, rate), design);
    }

    /**
     * An experiment on a mean.
     *
     * @param standardDeviation of stable's values today, above 0
     */
    public static Plan ofMean(double standardDeviation, Design design) {
        if (!(standardDeviation > 0 && standardDeviation < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("expected a standardDeviation above 0, found " + standardDeviation);
        }
        return new Plan(design.minimumEffect / standardDeviation, design);
    }

    /** Units of stable that it takes. */
    public long stable() {
        return stable;
    }

    /** Units of the candidate that it takes. */
    public long candidate() {
        return candidate;
    }

    /**
     * How many times as many units a sequential experiment is planned with: so many that the last look alone has the
     * power. On average it ends long before.
     *
     * @param alpha between 0 and ½
     * @param power from ½ on, below 1
     */
    public static double inflation(double alpha, double power) {
        double errors = Mixture.lowestBound(alpha) + Tails.normalAbove(1 - power);
        double once = SampleSize.standardErrors(alpha, power);
        return errors * errors / (once * once);
    }

    /**
     * Judges what has come so far.
     *
     * @param ended whether time is up
     */
    public Found judge(Arm ofStable, Arm ofCandidate, boolean ended) {
        double difference =
                ofStable.count() == 0 || ofCandidate.count() == 0 ? Double.NaN : ofCandidate.mean() - ofStable.mean();
        double lift = difference / Math.abs(ofStable.mean());
        boolean isAtEnd = ended || (ofStable.count() >= stable && ofCandidate.count() >= candidate);
        Outcome without = isAtEnd ? Outcome.NoWinner : Outcome.Undecided;
        double information = information(ofStable, ofCandidate);
        if (information == 0) {
            return new Found(difference, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 1, finite(lift), without);
        }
        double halfWidth;
        double pValue;
        if (mixture != null) {
            halfWidth = mixture.halfWidth(information, alpha);
            pValue = mixture.pValue(difference, information);
        } else {
            halfWidth = Tails.normalAbove(alpha / 2) / Math.sqrt(information);
            pValue = Math.min(1, 2 * Tails.normal(Math.abs(difference) * Math.sqrt(information)));
        }
        boolean isFound = pValue <= alpha && (mixture != null || isAtEnd);
        return new Found(
                difference,
                difference - halfWidth,
                difference + halfWidth,
                pValue,
                finite(lift),
                !isFound ? without : difference > 0 ? Outcome.CandidateWins : Outcome.StableWins);
    }

    private static double finite(double value) {
        return Double.isFinite(value) ? value : Double.NaN;
    }

    /**
     * Of the difference; 0 where too little is known. Its variance is that of each side by itself or, where that is more,
     * of both sides together: of a few units with rare values, those without one would else be the surest.
     */
    private static double information(Arm one, Arm other) {
        if (one.count() < LEAST || other.count() < LEAST) {
            return 0;
        }
        double n = one.count();
        double m = other.count();
        double apart = one.variance() / n + other.variance() / m;
        double difference = one.mean() - other.mean();
        double together =
                ((n - 1) * one.variance() + (m - 1) * other.variance() + n * m / (n + m) * difference * difference)
                        / (n + m - 1);
        double variance = Math.max(apart, together * (1 / n + 1 / m));
        return variance > 0 ? 1 / variance : 0;
    }
}
