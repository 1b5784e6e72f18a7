package dev.tatara.statistics.drift;

/** Holds what was found against a rule. */
final class Judge {
    /** How often at most a distance of two samples of one distribution may count as drift. */
    static final double CHANCE = 0.01;

    private static final double ROUNDING = 1e-9;

    private Judge() {}

    /**
     * A verdict by distance.
     *
     * @param error of the sketches, to either side
     * @param least the distance less what of the error may have made it larger
     * @param noise what chance exceeds with probability {@link #CHANCE}
     * @param pValue NaN for methods without
     */
    static Comparison byDistance(Rule rule, double distance, double error, double least, double noise, double pValue) {
        // More than chance, not as much: what can be no other way is no drift.
        double chance = noise * (1 + ROUNDING);
        double from = Math.max(rule.bound().value(), chance);
        boolean drifted = least >= from;
        boolean warned = rule.warn() != null && (drifted || least >= Math.max(rule.warn(), chance));
        return found(rule, distance, from + (distance - least), error, pValue, drifted, warned);
    }

    /**
     * A verdict by p-value.
     *
     * @param error of the sketches, in the statistic's unit
     * @param pValue of the statistic less its error
     * @param critical the statistic that has the bound's p-value
     */
    static Comparison byPValue(Rule rule, double statistic, double error, double pValue, double critical) {
        boolean drifted = pValue <= rule.bound().value();
        boolean warned = rule.warn() != null && (drifted || pValue <= rule.warn());
        return found(rule, statistic, critical + error, error, pValue, drifted, warned);
    }

    private static Comparison found(
            Rule rule,
            double statistic,
            double critical,
            double error,
            double pValue,
            boolean drifted,
            boolean warned) {
        return new Comparison(
                rule.method(),
                statistic,
                rule.bound(),
                critical,
                error,
                pValue,
                rule.warn() == null ? Double.NaN : rule.warn(),
                drifted,
                warned,
                Note.None,
                "");
    }
}
