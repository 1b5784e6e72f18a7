package dev.tatara.steps.evaluate;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * A number, or why there is none.
 *
 * @param value null where there is none
 * @param why the reason then, and what to do about it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Figure(Double value, String why) {

    /** The number; where it isn't one, the reason. */
    public static Figure of(double value, String why) {
        return Double.isFinite(value) ? new Figure(value, null) : new Figure(null, why);
    }

    public static Figure none(String why) {
        return new Figure(null, why);
    }

    public boolean isNumber() {
        return value != null;
    }
}
