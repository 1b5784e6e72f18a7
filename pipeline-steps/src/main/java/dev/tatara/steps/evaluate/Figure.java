package dev.tatara.steps.evaluate;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * A number, or why there is none.
 *
 * @param value null where there is none
 * @param why the reason then, and what to do about it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Figure(Double value, String why) {

    /** The number; where it isn't one, the reason. */
    static Figure of(double value, String why) {
        return Double.isFinite(value) ? new Figure(value, null) : new Figure(null, why);
    }

    static Figure none(String why) {
        return new Figure(null, why);
    }

    boolean isNumber() {
        return value != null;
    }
}
