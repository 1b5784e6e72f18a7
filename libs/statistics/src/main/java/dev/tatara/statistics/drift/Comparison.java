package dev.tatara.statistics.drift;

import java.util.Objects;

/**
 * What a test found out about one column.
 *
 * @param method that was used, never {@link Method#Auto}; {@code null} where there was nothing to test
 * @param statistic what it found, 0 or more except for z, which has a sign (positive where the reference has more of
 *     the smallest value); NaN where there was nothing to test
 * @param bound where drift begins as the rule says it, or the method's default; {@code null} without a method
 * @param critical smallest statistic (of z: smallest magnitude) that counts as drift: the bound in the statistic's
 *     unit, what samples of one distribution differ by, and the sketches' own error; NaN without a method
 * @param error how much the sketches may have added to the statistic, in its unit, with 99 % confidence; 0 where they
 *     are exact or where raw values were compared. Kolmogorov-Smirnov's and Wasserstein's may be short of the values' by
 *     as much; PSI's, Jensen-Shannon's and Kullback-Leibler's of numbers by more, since sketches keep next to nothing of
 *     thin tails
 * @param pValue largest p-value that the sketches' error allows, corrected where {@link DriftShare} corrected it; NaN
 *     for methods without
 * @param warnAt distance or p-value that is worth a warning, in the bound's unit; NaN for none
 * @param drifted whether the column counts as drifted
 * @param warned whether it is beyond the bound of warnings; true for drift where there is such a bound
 * @param note what is special about it
 * @param text the same for people, empty for {@link Note#None}
 */
public record Comparison(
        Method method,
        double statistic,
        Bound bound,
        double critical,
        double error,
        double pValue,
        double warnAt,
        boolean drifted,
        boolean warned,
        Note note,
        String text) {
    public Comparison {
        Objects.requireNonNull(note, "note");
        Objects.requireNonNull(text, "text");
    }

    /** Whether there was enough to judge; columns that weren't judged are no part of a share. */
    public boolean judged() {
        return note != Note.InsufficientData && note != Note.New;
    }

    /** Whether a correction for many tests changes this verdict: those by p-value. */
    public boolean corrected() {
        return judged() && bound != null && bound.unit() == Unit.PValue;
    }

    /** The same with the p-value that a correction leaves. */
    Comparison withPValue(double corrected) {
        boolean drift = corrected <= bound.value();
        return new Comparison(
                method,
                statistic,
                bound,
                critical,
                error,
                corrected,
                warnAt,
                drift,
                !Double.isNaN(warnAt) && (drift || corrected <= warnAt),
                note,
                text);
    }

    /** What is compared, as people know it: the p-value's bound, or the smallest distance that counts. */
    public double threshold() {
        return bound == null ? Double.NaN : bound.unit() == Unit.PValue ? bound.value() : critical;
    }

    /**
     * How bad it is, to sort by: the statistic in units of the smallest one that counts as drift, 1 and more for drift
     * before any correction; infinite for what drifted without a test, 0 for what wasn't judged.
     */
    public double severity() {
        if (method == null || critical == 0) {
            return drifted ? Double.POSITIVE_INFINITY : 0;
        }
        return Math.abs(statistic) / critical;
    }
}
