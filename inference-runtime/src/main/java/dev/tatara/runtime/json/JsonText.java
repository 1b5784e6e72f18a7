package dev.tatara.runtime.json;

import java.util.Arrays;

/** Finds the end of JSON strings, checks that they are what JSON allows, and takes escapes out. */
final class JsonText {
    private byte[] out = new byte[64];
    private int size;
    private String problem;

    /** What was wrong when a method said so. */
    String problem() {
        return problem;
    }

    /**
     * Where the closing quote is.
     *
     * @param from after the opening quote
     * @return −1 − the position of what is wrong, if something is
     */
    int endOf(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end) {
            byte b = bytes[at];
            if (b == '"') {
                return at;
            }
            if (b == '\\') {
                if (at + 1 < end && !isEscape(bytes, at + 1, end)) {
                    return wrong(at, "an unknown escape in a string");
                }
                at += 2;
            } else if (b >= 0x20) {
                at++;
            } else if (b >= 0) {
                return wrong(at, "a control character in a string");
            } else {
                int length = sequence(bytes, at, end);
                if (length == 0) {
                    return wrong(at, "a string is not UTF-8");
                }
                at += length;
            }
        }
        return wrong(Math.min(at, end), "it ends inside a string");
    }

    private static boolean isEscape(byte[] bytes, int at, int end) {
        return switch (bytes[at]) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> true;
            case 'u' -> hex(bytes, at + 1, end) >= 0;
            default -> false;
        };
    }

    private int wrong(int at, String what) {
        problem = what;
        return -1 - at;
    }

    /** The length of a UTF-8 sequence of more than one byte, 0 if it is none. */
    private static int sequence(byte[] bytes, int at, int end) {
        int lead = bytes[at] & 0xff;
        int length = 0;
        if (lead >= 0xc2 && lead <= 0xdf) {
            length = 2;
        } else if ((lead >> 4) == 0xe) {
            length = 3;
        } else if (lead >= 0xf0 && lead <= 0xf4) {
            length = 4;
        }
        if (length == 0 || at + length > end) {
            return 0;
        }
        for (int i = 1; i < length; i++) {
            if ((bytes[at + i] & 0xc0) != 0x80) {
                return 0;
            }
        }
        int second = bytes[at + 1] & 0xff;
        // Overlong spellings, surrogates, and what is beyond Unicode.
        boolean allowed =
                switch (lead) {
                    case 0xe0 -> second >= 0xa0;
                    case 0xed -> second < 0xa0;
                    case 0xf0 -> second >= 0x90;
                    case 0xf4 -> second < 0x90;
                    default -> true;
                };
        return allowed ? length : 0;
    }

    /**
     * The UTF-8 that a string's inside stands for.
     *
     * @return null if an escape is wrong
     */
    byte[] unescape(byte[] bytes, int from, int to) {
        int escape = from;
        while (escape < to && bytes[escape] != '\\') {
            escape++;
        }
        if (escape == to) {
            return Arrays.copyOfRange(bytes, from, to);
        }
        size = 0;
        int at = from;
        while (at < to) {
            if (bytes[at] == '\\') {
                at = escape(bytes, at + 1, to);
                if (at < 0) {
                    return null;
                }
            } else {
                put(bytes[at++]);
            }
        }
        byte[] text = Arrays.copyOf(out, size);
        if (out.length > 1 << 16) {
            out = new byte[64];
        }
        return text;
    }

    private int escape(byte[] bytes, int at, int to) {
        switch (bytes[at]) {
            case '"', '\\', '/' -> put(bytes[at]);
            case 'b' -> put((byte) '\b');
            case 'f' -> put((byte) '\f');
            case 'n' -> put((byte) '\n');
            case 'r' -> put((byte) '\r');
            case 't' -> put((byte) '\t');
            case 'u' -> {
                return unicode(bytes, at + 1, to);
            }
            default -> throw new IllegalStateException("an escape that was not checked");
        }
        return at + 1;
    }

    private int unicode(byte[] bytes, int at, int to) {
        int unit = hex(bytes, at, to);
        int next = at + 4;
        int codePoint = unit;
        if (Character.isSurrogate((char) unit)) {
            int low = next + 1 < to && bytes[next] == '\\' && bytes[next + 1] == 'u' ? hex(bytes, next + 2, to) : -1;
            if (low < 0 || !Character.isSurrogatePair((char) unit, (char) low)) {
                return wrong(at, "half a surrogate pair in a string");
            }
            codePoint = Character.toCodePoint((char) unit, (char) low);
            next += 6;
        }
        putCodePoint(codePoint);
        return next;
    }

    private static int hex(byte[] bytes, int at, int to) {
        if (at + 4 > to) {
            return -1;
        }
        int value = 0;
        for (int i = at; i < at + 4; i++) {
            int digit = bytes[i] < 0 ? -1 : Character.digit((char) bytes[i], 16);
            if (digit < 0) {
                return -1;
            }
            value = (value << 4) | digit;
        }
        return value;
    }

    private void putCodePoint(int codePoint) {
        if (codePoint < 0x80) {
            put((byte) codePoint);
        } else if (codePoint < 0x800) {
            put((byte) (0xc0 | (codePoint >> 6)));
            put((byte) (0x80 | (codePoint & 0x3f)));
        } else if (codePoint < 0x10000) {
            put((byte) (0xe0 | (codePoint >> 12)));
            put((byte) (0x80 | ((codePoint >> 6) & 0x3f)));
            put((byte) (0x80 | (codePoint & 0x3f)));
        } else {
            put((byte) (0xf0 | (codePoint >> 18)));
            put((byte) (0x80 | ((codePoint >> 12) & 0x3f)));
            put((byte) (0x80 | ((codePoint >> 6) & 0x3f)));
            put((byte) (0x80 | (codePoint & 0x3f)));
        }
    }

    private void put(byte b) {
        if (size == out.length) {
            out = Arrays.copyOf(out, size * 2);
        }
        out[size++] = b;
    }
}
