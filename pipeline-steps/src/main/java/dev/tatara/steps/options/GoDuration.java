package dev.tatara.steps.options;

import java.time.Duration;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** Durations as the API writes them: {@code 500ms}, {@code 60s}, {@code 1h30m}, {@code 7d}. */
public final class GoDuration {
    private static final Pattern PART = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

    private GoDuration() {}

    /** Reads a duration of one or more parts, at most about 270 years long. */
    public static Duration parse(String text) {
        var parts = PART.matcher(text);
        var sum = Duration.ZERO;
        var end = 0;
        while (end < text.length() && parts.find(end) && parts.start() == end) {
            var number = Long.parseLong(parts.group(1));
            sum = sum.plus(
                    switch (parts.group(2)) {
                        case "ms" -> Duration.ofMillis(number);
                        case "s" -> Duration.ofSeconds(number);
                        case "m" -> Duration.ofMinutes(number);
                        case "h" -> Duration.ofHours(number);
                        default -> Duration.ofDays(number);
                    });
            end = parts.end();
        }
        if (end == 0 || end < text.length() || sum.toDays() > 100_000) {
            throw new TypeConversionException("expected a duration such as 500ms, 60s or 1h30m, found: " + text);
        }
        return sum;
    }
}
