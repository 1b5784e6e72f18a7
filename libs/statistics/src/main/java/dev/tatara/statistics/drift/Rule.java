package dev.tatara.statistics.drift;

import java.util.Objects;

/**
 * How a column is judged.
 *
 * @param method the test
 * @param bound where drift begins, in a unit that the method {@linkplain Method#takes takes}; {@code null} for the
 *     default of the method. A bound of {@link Method#Auto} decides which methods it chooses from
 * @param warn distance or p-value that is worth a warning, in the bound's unit; {@code null} for no warnings
 * @param minSamples rows that the live data must have, missing values included; 1 or more
 */
public record Rule(Method method, Bound bound, Double warn, long minSamples) {
    public Rule {
        Objects.requireNonNull(method, "method");
        if (bound != null && !method.takes(bound.unit())) {
            throw new IllegalArgumentException("expected a " + (bound.unit() == Unit.PValue ? "distance" : "pValue")
                    + " as bound of " + method + ", found: a "
                    + (bound.unit() == Unit.PValue ? "pValue" : "distance"));
        }
        if (warn != null && !(warn >= 0)) {
            throw new IllegalArgumentException("expected a warning at 0 or more, found: " + warn);
        }
        if (minSamples < 1) {
            throw new IllegalArgumentException("expected 1 sample or more, found: " + minSamples);
        }
    }

    /** A method with its own bound and without warnings. */
    public static Rule of(Method method, long minSamples) {
        return new Rule(method, null, null, minSamples);
    }
}
