package dev.tatara.operator.featureview.plan;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * A stretch of event time, as a backfill names it.
 *
 * @param start first time, inclusive
 * @param end last time, inclusive
 */
record Interval(Instant start, Instant end) {
    /** A text that is no interval. The message says what was expected. */
    static final class InvalidIntervalException extends Exception {
        private static final long serialVersionUID = 1L;

        InvalidIntervalException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Reads {@code <start>/<end>}, each a date (its begin in UTC) or a time with its offset. */
    static Interval parse(String text) throws InvalidIntervalException {
        var parts = text.split("/", -1);
        if (parts.length != 2) {
            throw invalid(text, null);
        }
        Interval interval;
        try {
            interval = new Interval(time(parts[0]), time(parts[1]));
        } catch (DateTimeException e) {
            throw invalid(text, e);
        }
        if (!interval.start().isBefore(interval.end())) {
            throw new InvalidIntervalException(
                    "expected an interval that ends after it starts, found '" + text + "'", null);
        }
        return interval;
    }

    private static Instant time(String text) {
        var stripped = text.strip();
        var time = stripped.length() <= "2026-01-01".length()
                ? LocalDate.parse(stripped).atStartOfDay(ZoneOffset.UTC).toInstant()
                : OffsetDateTime.parse(stripped).toInstant();
        return time.truncatedTo(ChronoUnit.SECONDS);
    }

    private static InvalidIntervalException invalid(String text, Throwable cause) {
        return new InvalidIntervalException(
                "expected <start>/<end>, for example 2026-01-01/2026-02-01 or"
                        + " 2026-01-01T00:00:00Z/2026-01-01T12:00:00Z, found '" + text + "'",
                cause);
    }
}
