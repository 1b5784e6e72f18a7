package dev.tatara.runtime.json;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * A number as it stands in a text: ±digits × 10^exponent, up to nineteen digits of it exactly, and the text itself for
 * what doesn't fit. Reused.
 */
final class Decimal {
    private static final int MOST_DIGITS = 19;
    private static final int LARGEST_EXPONENT = 100_000;

    /** Powers of ten that a double holds exactly. */
    private static final double[] TENS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };

    /** Whole numbers up to here are doubles. */
    private static final long EXACT_IN_DOUBLE = 1L << 53;

    /** The bits of a double that a float hasn't, the value of half a float's last bit among them, and some slack. */
    private static final long BEYOND_FLOAT = (1L << 29) - 1;

    private static final long HALF = 1L << 28;
    private static final long SLACK = 8;
    private static final double SMALLEST_NORMAL_FLOAT = Float.MIN_NORMAL;

    private byte[] bytes;
    private int from;
    private int to;
    private boolean negative;
    private boolean whole;
    private boolean exact;
    private long digits;
    private int exponent;

    /** Whether it was written without fraction and exponent. */
    boolean isWhole() {
        return whole;
    }

    /**
     * Reads a number.
     *
     * @param end of the text
     * @return where the number ends, or −1 − the position of what can't be in a number
     */
    int read(byte[] text, int start, int end) {
        bytes = text;
        from = start;
        int at = start;
        negative = text[at] == '-';
        if (negative) {
            at++;
        }
        int firstDigit = at;
        long value = 0;
        int seen;
        while (at < end && (seen = text[at] - '0') >= 0 && seen <= 9) {
            value = value * 10 + seen;
            at++;
        }
        int count = at - firstDigit;
        if (count == 0 || (count > 1 && text[firstDigit] == '0')) {
            return -1 - (count == 0 ? at : firstDigit);
        }
        whole = true;
        int scale = 0;
        int leadingZeros = text[firstDigit] == '0' ? 1 : 0;
        if (at < end && text[at] == '.') {
            whole = false;
            int fraction = ++at;
            while (at < end && (seen = text[at] - '0') >= 0 && seen <= 9) {
                value = value * 10 + seen;
                at++;
            }
            scale = at - fraction;
            if (scale == 0) {
                return -1 - at;
            }
            count += scale;
            if (leadingZeros == 1 && count > MOST_DIGITS) {
                leadingZeros += zeros(fraction, at);
            }
        }
        exact = count - leadingZeros <= MOST_DIGITS;
        digits = value;
        exponent = -scale;
        if (at < end && (text[at] | 0x20) == 'e') {
            whole = false;
            at = readExponent(at + 1, end);
            if (at < 0) {
                return at;
            }
        }
        to = at;
        return at;
    }

    private int zeros(int start, int end) {
        int at = start;
        while (at < end && bytes[at] == '0') {
            at++;
        }
        return at - start;
    }

    private int readExponent(int start, int end) {
        int at = start;
        boolean minus = at < end && bytes[at] == '-';
        if (at < end && (bytes[at] == '-' || bytes[at] == '+')) {
            at++;
        }
        int first = at;
        int power = 0;
        int seen;
        while (at < end && (seen = bytes[at] - '0') >= 0 && seen <= 9) {
            power = Math.min(LARGEST_EXPONENT, power * 10 + seen);
            at++;
        }
        if (at == first) {
            return -1 - at;
        }
        exponent += minus ? -power : power;
        return at;
    }

    /** The number as it was written. */
    String text() {
        return new String(bytes, from, to - from, StandardCharsets.US_ASCII);
    }

    /** Whether a whole number is a long. */
    boolean isLong() {
        return exact && (digits >= 0 || (negative && digits == Long.MIN_VALUE));
    }

    /** The value of a whole number that {@link #isLong()}. */
    long longValue() {
        return negative ? -digits : digits;
    }

    /** The value of any whole number. */
    BigInteger bigIntegerValue() {
        return new BigInteger(text());
    }

    /** The nearest double; infinite beyond the largest. */
    double doubleValue() {
        if (exact && digits >= 0 && digits <= EXACT_IN_DOUBLE && -TENS.length < exponent && exponent < TENS.length) {
            // One rounding only, that of the operation: both operands are exact.
            return scaled(negative ? -(double) digits : (double) digits);
        }
        return Double.parseDouble(text());
    }

    private double scaled(double value) {
        return exponent < 0 ? value / TENS[-exponent] : value * TENS[exponent];
    }

    /** The nearest float; infinite beyond the largest. */
    float floatValue() {
        if (exact && digits >= 0 && -TENS.length < exponent && exponent < TENS.length) {
            double value = scaled((double) digits);
            // Digits and result were rounded, so the double may be off by its last bits. That can't change the float
            // unless it lies that close to the middle between two floats.
            long beyond = Double.doubleToRawLongBits(value) & BEYOND_FLOAT;
            if (Math.abs(beyond - HALF) > SLACK && (value >= SMALLEST_NORMAL_FLOAT || digits == 0)) {
                return (float) (negative ? -value : value);
            }
        }
        return Float.parseFloat(text());
    }
}
