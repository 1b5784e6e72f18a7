package dev.tatara.statistics.drift;

import java.util.Objects;

/**
 * Where drift begins.
 *
 * @param unit what {@code value} is
 * @param value a distance of 0 or more, or a p-value from 0 to 1
 */
public record Bound(Unit unit, double value) {
    public Bound {
        Objects.requireNonNull(unit, "unit");
        if (!(value >= 0) || value > (unit == Unit.PValue ? 1 : Double.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    "expected " + (unit == Unit.PValue ? "a p-value from 0 to 1" : "a distance of 0 or more")
                            + ", found: " + value);
        }
    }

    /** A distance from which on two distributions count as different. */
    public static Bound distance(double value) {
        return new Bound(Unit.Distance, value);
    }

    /** A p-value up to which two distributions count as different. */
    public static Bound pValue(double value) {
        return new Bound(Unit.PValue, value);
    }
}
