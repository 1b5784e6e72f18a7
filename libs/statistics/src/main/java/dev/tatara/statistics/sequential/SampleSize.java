package dev.tatara.statistics.sequential;

import dev.tatara.statistics.distributions.Tails;

/** How many values it takes to find a difference with a test that is made once. */
public final class SampleSize {
    private SampleSize() {}

    /**
     * Values of the first side for which a two-sided test of two means, normally distributed, finds a difference.
     *
     * @param effect the difference in standard deviations, not 0
     * @param pValue up to which it counts as found, between 0 and 1
     * @param power how often it is to be found, between {@code pValue} and 1
     * @param ratio values of the other side to one of this, above 0
     * @return more than 0, not rounded; statsmodels' {@code NormalIndPower.solve_power}
     */
    public static double of(double effect, double pValue, double power, double ratio) {
        if (!(Math.abs(effect) > 0) || !(ratio > 0) || !(ratio < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "expected an effect other than 0 and a ratio above 0, found: " + effect + ", " + ratio);
        }
        double errors = standardErrors(pValue, power);
        return errors * errors * (1 + 1 / ratio) / (effect * effect);
    }

    /**
     * How many of its standard errors a difference must be, so that a two-sided test finds it.
     *
     * @param pValue up to which it counts as found, between 0 and 1
     * @param power how often it is to be found, between {@code pValue} and 1
     */
    static double standardErrors(double pValue, double power) {
        if (!(pValue > 0) || !(power > pValue) || !(power < 1)) {
            throw new IllegalArgumentException("expected 0 < pValue < power < 1, found: " + pValue + ", " + power);
        }
        double z = Tails.normalAbove(pValue / 2);
        // Found on either side.
        return Tails.inverse(
                d -> 1 - Tails.normal(z - d) - Tails.normal(z + d), 1 - power, z + Tails.normalAbove(1e-300));
    }

    /**
     * The difference of two proportions as an effect: Cohen's h, 2 asin √p − 2 asin √q, as statsmodels'
     * {@code proportion_effectsize} gives it.
     *
     * @param p 0 to 1
     * @param q 0 to 1
     */
    public static double effect(double p, double q) {
        return 2 * Math.asin(Math.sqrt(p)) - 2 * Math.asin(Math.sqrt(q));
    }
}
