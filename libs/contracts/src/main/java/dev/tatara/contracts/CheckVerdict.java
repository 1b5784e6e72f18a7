package dev.tatara.contracts;

import java.util.Objects;

/**
 * What a check on a table of rows found. Numbers are finite or absent.
 *
 * @param type the check's type as the API writes it, for example {@code NullRatio}
 * @param column the column that was checked; {@code null} where the check is about the whole table
 * @param value what was found: a share (0 to 1) for NullRatio, DuplicateRatio, UniqueRatio, InSet and Regex, a value of
 *     the column for Range, seconds for Freshness, standard deviations for Mean, rows for RowCount, columns for Schema;
 *     {@code null} where there is none or where the column is sensitive
 * @param threshold the last good value that it was compared with, in the same unit
 * @param verdict how it ended
 * @param violations rows (columns, with Schema) that broke the rule; {@code null} where the rule is not about single
 *     rows
 * @param onFailure what a failure leads to: {@code Alert}, {@code Block} or {@code Log}
 */
public record CheckVerdict(
        String type,
        String column,
        Double value,
        Double threshold,
        Verdict verdict,
        Long violations,
        OnFailure onFailure) {
    public CheckVerdict {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(verdict, "verdict");
        onFailure = onFailure == null ? OnFailure.Alert : onFailure;
        value = finite(value);
        threshold = finite(threshold);
    }

    private static Double finite(Double number) {
        return number == null || !Double.isFinite(number) ? null : number;
    }

    /** How a check ended. */
    public enum Verdict {
        Passed,
        Failed,
        /** There were no rows to judge, or nothing to compare them with. */
        InsufficientData
    }

    /** What a failed check leads to. */
    public enum OnFailure {
        /** A condition, an event and a metric; the work goes on. */
        Alert,
        /** Nothing is written. */
        Block,
        /** It is counted. */
        Log
    }
}
