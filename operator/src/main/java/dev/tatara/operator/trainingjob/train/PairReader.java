package dev.tatara.operator.trainingjob.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Finds {@code name=value} in a line, in one pass. A name has letters, digits and {@code _ - . / |}; a value is a decimal
 * number, {@code nan} or {@code inf}, perhaps with {@code %} behind it. What is no number as a whole, as in
 * {@code version=1.2.3}, is passed over.
 */
final class PairReader {
    private static final int MAX_NAME = 128;
    private static final int MAX_NUMBER = 64;
    /** More than a line that people write has. */
    private static final int MAX_PAIRS = 128;

    /**
     * A pair.
     *
     * @param isPercent whether a percent sign follows; the value is as written
     */
    record Pair(String name, double value, boolean isPercent) {}

    private final String text;
    private final int from;
    private final int to;

    private PairReader(String text, int from, int to) {
        this.text = text;
        this.from = from;
        this.to = to;
    }

    /** The pairs between two positions, in their order. */
    static List<Pair> pairs(String text, int from, int to) {
        return new PairReader(text, from, to).read();
    }

    private List<Pair> read() {
        List<Pair> pairs = new ArrayList<>();
        int equals = text.indexOf('=', from, to);
        while (equals >= 0 && pairs.size() < MAX_PAIRS) {
            var pair = pairAt(equals);
            if (pair != null) {
                pairs.add(pair);
            }
            equals = text.indexOf('=', equals + 1, to);
        }
        return pairs;
    }

    private Pair pairAt(int equals) {
        int nameEnd = equals;
        while (nameEnd > from && isBlank(text.charAt(nameEnd - 1))) {
            nameEnd--;
        }
        int nameStart = nameEnd;
        while (nameStart > from && isOfName(text.charAt(nameStart - 1)) && nameEnd - nameStart <= MAX_NAME) {
            nameStart--;
        }
        int start = equals + 1;
        while (start < to && isBlank(text.charAt(start))) {
            start++;
        }
        int end = start;
        while (end < to && isOfValue(text.charAt(end)) && end - start <= MAX_NUMBER) {
            end++;
        }
        int length = nameEnd - nameStart;
        if (length == 0 || length > MAX_NAME || end == start || end - start > MAX_NUMBER) {
            return null;
        }
        // A sentence may end behind a number.
        var isDotted = text.charAt(end - 1) == '.';
        var value = number(text.substring(start, isDotted ? end - 1 : end));
        if (value == null || !isBoundary(end)) {
            return null;
        }
        return new Pair(text.substring(nameStart, nameEnd), value, end < to && text.charAt(end) == '%');
    }

    private boolean isBoundary(int position) {
        return position >= to || isBlank(text.charAt(position)) || "%,;)]}|'\"".indexOf(text.charAt(position)) >= 0;
    }

    private static Double number(String text) {
        switch (text.toLowerCase(Locale.ROOT)) {
            case "nan", "+nan", "-nan" -> {
                return Double.NaN;
            }
            case "inf", "+inf", "infinity", "+infinity" -> {
                return Double.POSITIVE_INFINITY;
            }
            case "-inf", "-infinity" -> {
                return Double.NEGATIVE_INFINITY;
            }
            default -> {
                return decimal(text);
            }
        }
    }

    /** A decimal number; {@link Double#parseDouble} would take more, as {@code 1f} and hexadecimal ones. */
    private static Double decimal(String text) {
        int at = !text.isEmpty() && "+-".indexOf(text.charAt(0)) >= 0 ? 1 : 0;
        int digits = 0;
        while (at < text.length() && isDigit(text.charAt(at))) {
            at++;
            digits++;
        }
        if (at < text.length() && text.charAt(at) == '.') {
            at++;
            while (at < text.length() && isDigit(text.charAt(at))) {
                at++;
                digits++;
            }
        }
        if (digits == 0) {
            return null;
        }
        if (at < text.length() && "eE".indexOf(text.charAt(at)) >= 0) {
            at++;
            if (at < text.length() && "+-".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            int start = at;
            while (at < text.length() && isDigit(text.charAt(at))) {
                at++;
            }
            if (at == start) {
                return null;
            }
        }
        return at == text.length() ? Double.valueOf(text) : null;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static boolean isOfName(char c) {
        return isLetter(c) || isDigit(c) || "_-./|".indexOf(c) >= 0;
    }

    private static boolean isOfValue(char c) {
        return isLetter(c) || isDigit(c) || "+-.".indexOf(c) >= 0;
    }
}
