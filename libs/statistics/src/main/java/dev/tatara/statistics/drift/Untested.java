package dev.tatara.statistics.drift;

import java.util.Optional;

/** Verdicts on columns that there is nothing to test in. */
final class Untested {
    private static final int LEAST_VALUES = 2;

    private Untested() {}

    /** The verdict where one needs no test, nothing where a test is to decide. */
    static Optional<Comparison> of(Side reference, Side current, Rule rule) {
        if (current.rows() < rule.minSamples()) {
            return insufficient("%d rows, expected %d or more".formatted(current.rows(), rule.minSamples()));
        }
        if (reference.rows() == 0) {
            return insufficient("no rows in the reference");
        }
        if (reference.getClass() != current.getClass()) {
            return Optional.of(of(
                    true,
                    Note.KindChanged,
                    "%s in the reference, %s in live data".formatted(kind(reference), kind(current))));
        }
        if (reference.values() == 0 && current.values() == 0) {
            return Optional.of(of(false, Note.AllMissing, "only missing values on both sides"));
        }
        if (reference.values() == 0 || current.values() == 0) {
            return Optional.of(of(
                    true,
                    Note.OneSideMissing,
                    "only missing values in " + (reference.values() == 0 ? "the reference" : "live data")));
        }
        long least = Math.min(reference.values(), current.values());
        if (least < LEAST_VALUES) {
            return insufficient("%d value in %s, expected %d or more"
                    .formatted(least, reference.values() == least ? "the reference" : "live data", LEAST_VALUES));
        }
        return Optional.empty();
    }

    private static String kind(Side side) {
        return switch (side) {
            case Side.Numbers numbers -> "numbers";
            case Side.Categories categories -> "categories";
        };
    }

    private static Optional<Comparison> insufficient(String text) {
        return Optional.of(of(false, Note.InsufficientData, text));
    }

    static Comparison of(boolean drifted, Note note, String text) {
        return new Comparison(
                null, Double.NaN, null, Double.NaN, 0, Double.NaN, Double.NaN, drifted, false, note, text);
    }
}
