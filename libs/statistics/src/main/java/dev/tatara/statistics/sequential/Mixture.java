package dev.tatara.statistics.sequential;

import dev.tatara.statistics.distributions.Tails;

/**
 * A test of a difference that holds at every look: the sequential probability ratio test against differences that are
 * themselves normally distributed about 0 (Robbins 1970, Statistical methods related to the law of the iterated
 * logarithm).
 *
 * <p>Let D be the difference of two sides' means and I = 1 / (s₁²/n₁ + s₂²/n₂) its information. However the sides grow,
 * as long as no outcome decides who comes to which, D·I moves as a Brownian motion whose time is I and whose drift is
 * the true difference δ (Jennison, Turnbull 1997, Group-sequential analysis incorporating covariate information). With
 * u = τ²I, where τ² is the mixture's variance, the likelihood ratio against δ
 *
 * <pre>  Λ(δ) = (1 + u)^−½ exp( u / (1 + u) · I (D − δ)² / 2 )  </pre>
 *
 * is a martingale of mean 1 under δ. So 1/Λ(0) is a p-value at any time, and all δ with Λ(δ) &lt; 1/α are an interval that
 * covers the true one at all times at once with probability 1 − α: D ± √( (1 + 1/u) (ln(1 + u) − 2 ln α) / I ). That is
 * the mSPRT of Johari, Koomen, Pekelis, Walsh 2022 (Always valid inference: continuous monitoring of A/B tests), and the
 * asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas 2024 (Time-uniform central limit theory
 * and asymptotic confidence sequences), Theorem 2.2, with ρ²t = u.
 *
 * <p>Variances are estimated from the same values, so it holds as far as means are nearly normal: for large samples.
 * Early looks, where they aren't, have the widest bounds (9 standard errors at a hundredth of the planned size), which is
 * why it holds well before; {@code FalseWinnersTest} simulates how well. Units must be independent and have their final values:
 * where outcomes come late, those of the same unit at two looks are more alike than the test takes them for.
 *
 * @param variance τ², of differences that are expected; more than 0
 */
record Mixture(double variance) {
    Mixture {
        if (!(variance > 0 && variance < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("expected a variance above 0, found " + variance);
        }
    }

    /**
     * u at which the bound is lowest in standard errors: (ln(1 + u) − 2 ln α)(1 + 1/u) is least where u = −2 ln α +
     * ln(1 + u), found from above by iteration (Waudby-Smith et al., appendix B.2, take the first step for all).
     */
    static double tightest(double alpha) {
        double u = -2 * Math.log(alpha);
        for (int i = 0; i < 50; i++) {
            u = -2 * Math.log(alpha) + Math.log1p(u);
        }
        return u;
    }

    /** The bound in standard errors where it is lowest. */
    static double lowestBound(double alpha) {
        return Math.sqrt(1 + tightest(alpha));
    }

    /**
     * The mixture whose bound is lowest when an effect is found with a power.
     *
     * @param effect the difference, not 0
     * @param alpha between 0 and ½
     * @param power from ½ on, below 1
     */
    static Mixture of(double effect, double alpha, double power) {
        double errors = lowestBound(alpha) + Tails.normalAbove(1 - power);
        return new Mixture(tightest(alpha) * effect * effect / (errors * errors));
    }

    private static double bound(double u, double alpha) {
        return Math.sqrt((1 + 1 / u) * (Math.log1p(u) - 2 * Math.log(alpha)));
    }

    /**
     * How far from a difference the interval reaches to either side.
     *
     * @param information more than 0
     * @param alpha between 0 and 1
     */
    double halfWidth(double information, double alpha) {
        return bound(variance * information, alpha) / Math.sqrt(information);
    }

    /**
     * That there is no difference, 0 to 1; {@code alpha} or less just where the interval for alpha is without 0.
     *
     * @param difference of the means
     * @param information more than 0
     */
    double pValue(double difference, double information) {
        double u = variance * information;
        double log = u / (1 + u) * information * difference * difference / 2 - 0.5 * Math.log1p(u);
        return Math.min(1, Math.exp(-log));
    }
}
