package dev.tatara.api.v1alpha1.common;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Matcher;

/**
 * A length of time as people write it: {@code 2ms}, {@code 5m}, {@code 1h30m}, {@code 7d}. The grammar is Go's with
 * days (of 24 hours) added, whole numbers only, and each unit at most once, from the largest to the smallest: {@code d
 * h m s ms us}. The longest that can be written fits 64 bits of nanoseconds.
 *
 * <p>The text is kept as it was written, so that an object read and written back is the same. Two spans are equal when
 * their texts are; compare {@link #toDuration()} to compare lengths.
 */
public record TimeSpan(@JsonValue String text) {
    /** The grammar, as the schema states it. The empty text is excluded by {@link #MIN_LENGTH}. */
    public static final String PATTERN =
            "^([0-9]{1,4}d)?([0-9]{1,6}h)?([0-9]{1,7}m)?([0-9]{1,9}s)?([0-9]{1,9}ms)?([0-9]{1,9}us)?$";

    /** The shortest text is a digit and a unit. */
    public static final int MIN_LENGTH = 2;

    /** More than the longest text that {@link #PATTERN} admits. */
    public static final int MAX_LENGTH = 64;

    private static final java.util.regex.Pattern GRAMMAR = java.util.regex.Pattern.compile(PATTERN);
    private static final java.util.regex.Pattern PART = java.util.regex.Pattern.compile("([0-9]+)([a-z]+)");

    /**
     * Takes a text of the grammar.
     *
     * @throws IllegalArgumentException if it is none
     */
    public TimeSpan {
        Objects.requireNonNull(text, "text");
        if (!isValid(text)) {
            throw new IllegalArgumentException(
                    "expected a time span such as 2ms, 5m, 1h30m or 7d (whole numbers; units d, h, m, s, ms, us in"
                            + " this order), found '" + text + "'");
        }
    }

    /** The span of a duration that is not negative; what is shorter than a microsecond is cut off. */
    public static TimeSpan of(Duration duration) {
        if (duration.isNegative() || duration.compareTo(Duration.ofDays(10_000)) >= 0) {
            throw new IllegalArgumentException("expected a duration from 0 to 9999 days, found " + duration);
        }
        StringBuilder text = new StringBuilder();
        append(text, duration.toDaysPart(), "d");
        append(text, duration.toHoursPart(), "h");
        append(text, duration.toMinutesPart(), "m");
        append(text, duration.toSecondsPart(), "s");
        append(text, duration.toMillisPart(), "ms");
        append(text, duration.toNanosPart() / 1000 % 1000, "us");
        return new TimeSpan(text.isEmpty() ? "0s" : text.toString());
    }

    /**
     * Reads what the API server stored. A text that the grammar doesn't know, which only another version of the schema
     * can have admitted, is read as absent rather than keeping the informer from all other objects.
     */
    @JsonCreator
    static TimeSpan read(String text) {
        return text != null && isValid(text) ? new TimeSpan(text) : null;
    }

    /** The length. */
    public Duration toDuration() {
        Duration sum = Duration.ZERO;
        Matcher part = PART.matcher(text);
        while (part.find()) {
            long count = Long.parseLong(part.group(1));
            sum = sum.plus(
                    switch (part.group(2)) {
                        case "d" -> Duration.ofDays(count);
                        case "h" -> Duration.ofHours(count);
                        case "m" -> Duration.ofMinutes(count);
                        case "s" -> Duration.ofSeconds(count);
                        case "ms" -> Duration.ofMillis(count);
                        case "us" -> Duration.ofNanos(Math.multiplyExact(count, 1000L));
                        default -> throw new IllegalStateException("unit outside the grammar: " + text);
                    });
        }
        return sum;
    }

    @Override
    public String toString() {
        return text;
    }

    private static boolean isValid(String text) {
        return text.length() >= MIN_LENGTH && GRAMMAR.matcher(text).matches();
    }

    private static void append(StringBuilder text, long count, String unit) {
        if (count > 0) {
            text.append(count).append(unit);
        }
    }
}
