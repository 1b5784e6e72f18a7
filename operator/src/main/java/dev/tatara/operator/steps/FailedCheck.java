package dev.tatara.operator.steps;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A check on data that failed, as people are told of it.
 *
 * @param type what was checked
 * @param column the column that was checked; {@code null} where the check is about the whole table
 * @param value what was found; {@code null} where there is nothing to tell
 * @param threshold the bound that was broken; {@code null} where there is none
 * @param violations rows that broke it; {@code null} where they don't count
 */
public record FailedCheck(String type, String column, Double value, Double threshold, Long violations) {
    /** A message names so many; status and report have them all. */
    private static final int NAMED = 5;

    /** Some of them in words; empty if there are none. */
    public static String inWords(List<FailedCheck> failed) {
        var words = failed.stream().limit(NAMED).map(FailedCheck::inWords).collect(Collectors.joining("; "));
        return failed.size() <= NAMED ? words : words + "; and " + (failed.size() - NAMED) + " more";
    }

    private String inWords() {
        var text = new StringBuilder(type);
        if (column != null) {
            text.append(" of ").append(column);
        }
        if (value != null) {
            text.append(" is ").append(number(value));
        }
        if (threshold != null) {
            text.append(value == null ? " breaks the bound " : ", its bound ").append(number(threshold));
        }
        if (violations != null) {
            text.append(" (").append(violations).append(violations == 1 ? " violation)" : " violations)");
        }
        return text.toString();
    }

    private static String number(double value) {
        return BigDecimal.valueOf(value)
                .round(new MathContext(6))
                .stripTrailingZeros()
                .toPlainString();
    }
}
