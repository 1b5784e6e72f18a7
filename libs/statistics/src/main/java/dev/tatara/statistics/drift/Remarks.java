package dev.tatara.statistics.drift;

import java.util.Locale;

/** Says what is special about a comparison. Never a value: categories may be personal. */
final class Remarks {
    private static final double LARGEST_JENSEN_SHANNON = Math.sqrt(Math.log(2));

    private Remarks() {}

    static Comparison on(Comparison found, Method asked, Side reference, Side current) {
        if (Choice.different(reference, current) == 1) {
            return with(found, Note.Constant, "one and the same value on both sides");
        }
        if (isHopeless(found, reference)) {
            return with(
                    found,
                    Note.TooManyCategories,
                    "so many categories for so few values that samples of one distribution differ as much");
        }
        if (asked != Method.Auto && asked != found.method()) {
            return with(
                    found,
                    Note.OtherMethod,
                    "%s isn't for %s: %s was used"
                            .formatted(
                                    asked,
                                    reference instanceof Side.Numbers ? "numbers with many values" : "such categories",
                                    found.method()));
        }
        if (reference instanceof Side.Categories before && current instanceof Side.Categories now) {
            return unseen(found, before, now);
        }
        return found;
    }

    private static boolean isHopeless(Comparison found, Side reference) {
        return switch (found.method()) {
            case ChiSquare ->
                found.critical() == Double.POSITIVE_INFINITY && found.bound().value() > 0;
            case JensenShannon ->
                reference instanceof Side.Categories && found.critical() - found.error() > LARGEST_JENSEN_SHANNON;
            case Auto, KolmogorovSmirnov, ChiSquareFit, ZTest, Wasserstein, PSI, KullbackLeibler -> false;
        };
    }

    private static Comparison unseen(Comparison found, Side.Categories reference, Side.Categories current) {
        if (reference.error() > 0) {
            return found;
        }
        long categories = 0;
        long values = 0;
        for (var entry : current.counts().entrySet()) {
            if (!reference.counts().containsKey(entry.getKey())) {
                categories++;
                values += entry.getValue();
            }
        }
        return categories == 0
                ? found
                : with(
                        found,
                        Note.UnseenCategories,
                        String.format(
                                Locale.ROOT,
                                "%d categories that the reference hasn't, %.3g %% of the values",
                                categories,
                                Math.min(100, 100.0 * values / current.values())));
    }

    private static Comparison with(Comparison found, Note note, String text) {
        return new Comparison(
                found.method(),
                found.statistic(),
                found.bound(),
                found.critical(),
                found.error(),
                found.pValue(),
                found.warnAt(),
                found.drifted(),
                found.warned(),
                note,
                text);
    }
}
