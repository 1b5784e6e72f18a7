package dev.tatara.steps.options;

import java.util.Locale;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** A number of bytes, as Kubernetes writes quantities: {@code 2Gi}, {@code 500Mi}, {@code 1G}, {@code 4096}. */
public record ByteSize(long bytes) {
    private static final Pattern QUANTITY = Pattern.compile("(\\d{1,18})(Ki|Mi|Gi|Ti|k|M|G|T)?");

    /** Reads a quantity of whole bytes. */
    public static ByteSize parse(String text) {
        var quantity = QUANTITY.matcher(text);
        if (!quantity.matches()) {
            throw expected(text, null);
        }
        var unit = quantity.group(2);
        try {
            return new ByteSize(Math.multiplyExact(Long.parseLong(quantity.group(1)), unit == null ? 1 : factor(unit)));
        } catch (ArithmeticException e) {
            throw expected(text, e);
        }
    }

    private static long factor(String unit) {
        return switch (unit) {
            case "k" -> 1_000L;
            case "M" -> 1_000_000L;
            case "G" -> 1_000_000_000L;
            case "T" -> 1_000_000_000_000L;
            case "Ki" -> 1L << 10;
            case "Mi" -> 1L << 20;
            case "Gi" -> 1L << 30;
            default -> 1L << 40;
        };
    }

    private static TypeConversionException expected(String text, Exception cause) {
        var exception = new TypeConversionException("expected a size such as 500Mi, 2Gi or 4096, found: " + text);
        if (cause != null) {
            exception.initCause(cause);
        }
        return exception;
    }

    /** The number with a unit that keeps it short: {@code 48 kB}, {@code 1.5 GB}. */
    public static String show(long bytes) {
        var units = new String[] {"B", "kB", "MB", "GB", "TB"};
        double value = bytes;
        var unit = 0;
        while (value >= 999.5 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return value < 10 && unit > 0
                ? String.format(Locale.ROOT, "%.1f %s", value, units[unit])
                : String.format(Locale.ROOT, "%.0f %s", value, units[unit]);
    }
}
