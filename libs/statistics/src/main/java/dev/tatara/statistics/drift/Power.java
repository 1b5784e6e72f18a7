package dev.tatara.statistics.drift;

import dev.tatara.statistics.distributions.Tails;

/** How many values it takes to find a difference. */
public final class Power {
    private Power() {}

    /**
     * Values on each side for which a two-sided test of two means, normally distributed, finds a difference.
     *
     * @param effect the difference in standard deviations, not 0
     * @param pValue up to which it counts as found, between 0 and 1
     * @param power how often it is to be found, between {@code pValue} and 1
     * @return more than 0, not rounded; statsmodels' {@code NormalIndPower.solve_power}
     */
    public static double samples(double effect, double pValue, double power) {
        if (!(Math.abs(effect) > 0) || !(pValue > 0) || !(power > pValue) || !(power < 1)) {
            throw new IllegalArgumentException("expected an effect other than 0 and 0 < pValue < power < 1, found: "
                    + effect + ", " + pValue + ", " + power);
        }
        double z = Tails.normalAbove(pValue / 2);
        // In standard errors of the difference, as far as it takes to be found on either side.
        double errors = Tails.inverse(
                d -> 1 - Tails.normal(z - d) - Tails.normal(z + d), 1 - power, z + Tails.normalAbove(1e-300));
        return 2 * errors * errors / (effect * effect);
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
