package dev.tatara.runtime.json;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes JSON into a byte array that is kept from answer to answer: no tree, no strings for numbers. */
public final class JsonBytes {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LONG_MIN = "-9223372036854775808".getBytes(StandardCharsets.US_ASCII);
    private static final int FIRST_BYTES = 1024;
    private static final int KEPT_BYTES = 1 << 20;
    private static final int LONGEST_NUMBER = 32;

    private final StringBuilder decimal = new StringBuilder(LONGEST_NUMBER);
    private byte[] bytes;
    private int size;

    public JsonBytes() {
        bytes = new byte[FIRST_BYTES];
    }

    public void reset() {
        size = 0;
        if (bytes.length > KEPT_BYTES) {
            bytes = new byte[FIRST_BYTES];
        }
    }

    public int size() {
        return size;
    }

    /** The array that is written to, valid up to {@link #size()} until the next write. */
    public byte[] array() {
        return bytes;
    }

    /** Hands the array over; the next write goes to another. */
    public byte[] take() {
        byte[] taken = bytes;
        bytes = new byte[FIRST_BYTES];
        size = 0;
        return taken;
    }

    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    private void reserve(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(size, more)));
        }
    }

    /** Appends bytes as they are. */
    public JsonBytes raw(byte[] text) {
        reserve(text.length);
        System.arraycopy(text, 0, bytes, size, text.length);
        size += text.length;
        return this;
    }

    /** Appends native memory as it is. */
    public JsonBytes raw(MemorySegment memory) {
        int length = Math.toIntExact(memory.byteSize());
        reserve(length);
        MemorySegment.copy(memory, JAVA_BYTE, 0, bytes, size, length);
        size += length;
        return this;
    }

    /** Appends ASCII as it is. */
    public JsonBytes raw(String ascii) {
        int length = ascii.length();
        reserve(length);
        for (int i = 0; i < length; i++) {
            bytes[size++] = (byte) ascii.charAt(i);
        }
        return this;
    }

    public JsonBytes raw(char ascii) {
        reserve(1);
        bytes[size++] = (byte) ascii;
        return this;
    }

    public JsonBytes string(String text) {
        return string(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A JSON string of UTF-8 bytes; what isn't UTF-8 becomes the replacement character. */
    public JsonBytes string(byte[] utf8) {
        byte[] text = isUtf8(utf8) ? utf8 : new String(utf8, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
        reserve(text.length + 2);
        bytes[size++] = '"';
        for (byte b : text) {
            if (b >= 0 && (b < 0x20 || b == '"' || b == '\\')) {
                escape(b);
            } else {
                reserve(1);
                bytes[size++] = b;
            }
        }
        reserve(1);
        bytes[size++] = '"';
        return this;
    }

    private static boolean isUtf8(byte[] text) {
        for (byte b : text) {
            if (b < 0) {
                return Arrays.equals(new String(text, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8), text);
            }
        }
        return true;
    }

    private void escape(byte b) {
        reserve(6);
        bytes[size++] = '\\';
        switch (b) {
            case '"', '\\' -> bytes[size++] = b;
            case '\n' -> bytes[size++] = 'n';
            case '\r' -> bytes[size++] = 'r';
            case '\t' -> bytes[size++] = 't';
            default -> {
                bytes[size++] = 'u';
                bytes[size++] = '0';
                bytes[size++] = '0';
                bytes[size++] = HEX[b >> 4];
                bytes[size++] = HEX[b & 15];
            }
        }
    }

    /** The shortest decimal that reads back as the same float; JSON has no NaN and no infinity: null. */
    public JsonBytes number(float value) {
        if (!Float.isFinite(value)) {
            return raw("null");
        }
        decimal.setLength(0);
        return ascii(decimal.append(value));
    }

    /** The shortest decimal that reads back as the same double; null for NaN and infinities. */
    public JsonBytes number(double value) {
        if (!Double.isFinite(value)) {
            return raw("null");
        }
        decimal.setLength(0);
        return ascii(decimal.append(value));
    }

    private JsonBytes ascii(StringBuilder text) {
        int length = text.length();
        reserve(length);
        for (int i = 0; i < length; i++) {
            bytes[size++] = (byte) text.charAt(i);
        }
        return this;
    }

    public JsonBytes number(long value) {
        if (value == Long.MIN_VALUE) {
            return raw(LONG_MIN);
        }
        reserve(LONGEST_NUMBER);
        long rest = value;
        if (rest < 0) {
            bytes[size++] = '-';
            rest = -rest;
        }
        int digits = 1;
        for (long left = rest; left >= 10; left /= 10) {
            digits++;
        }
        for (int i = size + digits - 1; i >= size; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        size += digits;
        return this;
    }

    public JsonBytes unsigned(long value) {
        return value >= 0 ? number(value) : raw(Long.toUnsignedString(value));
    }

    public JsonBytes bool(boolean value) {
        return raw(value ? "true" : "false");
    }
}
