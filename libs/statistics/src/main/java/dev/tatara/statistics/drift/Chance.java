package dev.tatara.statistics.drift;

import java.util.HashMap;
import java.util.Map;

/** What a cell adds to a distance if its values fall to the two sides by chance, by how many values it has. */
final class Chance {
    /** Up to here all ways of falling are counted, beyond a chi-square does. */
    private static final int COUNTED = 200;

    private final Method method;
    private final double ofReference;
    private final double n;
    private final double m;
    private final double fill;
    private final double fillOfCurrent;
    private final double spread;
    private final Map<Long, Moments> known = new HashMap<>();

    Chance(Method method, Table table) {
        this.method = method;
        n = table.referenceValues();
        m = table.currentValues();
        ofReference = n / (n + m);
        fill = Divergence.fill(method, table.reference());
        fillOfCurrent = Divergence.fill(method, table.current());
        spread = table.spread();
    }

    /**
     * Of what a cell adds.
     *
     * @param mean 0 or more
     * @param variance likewise
     */
    record Moments(double mean, double variance) {}

    /** With so many values, of both sides together. */
    Moments of(long together) {
        return known.computeIfAbsent(together, this::computed);
    }

    private Moments computed(long together) {
        if (together == 0) {
            return new Moments(0, 0);
        }
        if (together > COUNTED) {
            double mean =
                    switch (method) {
                        case JensenShannon -> spread / 8;
                        case KullbackLeibler -> spread / 2;
                        default -> spread;
                    };
            return new Moments(mean, 2 * mean * mean);
        }
        double probability = Math.exp(together * Math.log1p(-ofReference));
        double odds = ofReference / (1 - ofReference);
        double mean = 0;
        double square = 0;
        for (int i = 0; i <= together; i++) {
            double p = i == 0 ? fill : i / n;
            double q = i == together ? fillOfCurrent : (together - i) / m;
            double part = Divergence.part(method, p, q);
            mean += probability * part;
            square += probability * part * part;
            probability *= odds * (together - i) / (i + 1);
        }
        double variance = square - mean * mean;
        // What is left of a constant is rounding.
        return new Moments(mean, variance < 1e-12 * square ? 0 : variance);
    }
}
