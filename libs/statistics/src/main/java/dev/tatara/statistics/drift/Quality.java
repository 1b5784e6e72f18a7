package dev.tatara.statistics.drift;

import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Sketch;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Bounds of live data's quality. The counts and means behind them are exact.
 *
 * @param maxNullRatio largest good share of values that are missing (null or NaN) or infinite, 0 to 1; {@code null} for
 *     any
 * @param meanWithinSigmas largest good distance of the mean from the reference's, in the reference's standard
 *     deviations; {@code null} for any
 */
public record Quality(Double maxNullRatio, Double meanWithinSigmas) {
    private static final double ROUNDING = 1e-12;

    /** What is looked at. */
    public enum Check {
        NullRatio,
        MeanWithinSigmas
    }

    /**
     * A bound that isn't kept.
     *
     * @param check which
     * @param value what was found; infinite where the mean of a reference of one value changed
     * @param bound the last good value
     * @param text the same for people
     */
    public record Violation(Check check, double value, double bound, String text) {}

    /**
     * What of a column isn't good; nothing for a column without rows.
     *
     * @param reference {@code null} where there is none: then only what needs none is looked at
     * @param current live data
     */
    public List<Violation> violations(Sketch reference, Sketch current) {
        if (current.count() == 0) {
            return List.of();
        }
        List<Violation> violations = new ArrayList<>();
        if (maxNullRatio != null) {
            double ratio = (double) unusable(current) / current.count();
            if (ratio > maxNullRatio) {
                violations.add(new Violation(
                        Check.NullRatio,
                        ratio,
                        maxNullRatio,
                        String.format(
                                Locale.ROOT,
                                "%.4g of the values are missing or infinite, expected %s at most",
                                ratio,
                                maxNullRatio)));
            }
        }
        if (meanWithinSigmas != null
                && reference instanceof NumberSketch before
                && current instanceof NumberSketch now
                && before.finite() > 0
                && now.finite() > 0) {
            double sigmas = sigmas(before, now);
            if (sigmas > meanWithinSigmas) {
                violations.add(new Violation(
                        Check.MeanWithinSigmas,
                        sigmas,
                        meanWithinSigmas,
                        String.format(
                                Locale.ROOT,
                                "the mean is %.4g, %.4g standard deviations from the reference's %.4g, expected %s at most",
                                now.mean(),
                                sigmas,
                                before.mean(),
                                meanWithinSigmas)));
            }
        }
        return List.copyOf(violations);
    }

    private static long unusable(Sketch sketch) {
        return switch (sketch) {
            case NumberSketch numbers -> numbers.count() - numbers.finite();
            case CategorySketch categories -> categories.missing();
        };
    }

    private static double sigmas(NumberSketch reference, NumberSketch current) {
        double distance = Math.abs(current.mean() - reference.mean());
        // A mean of equal numbers is off by roundings.
        if (distance <= ROUNDING * Math.max(Math.abs(current.mean()), Math.abs(reference.mean()))) {
            return 0;
        }
        double deviation = reference.finite() < 2 ? 0 : reference.standardDeviation();
        return distance / deviation;
    }
}
