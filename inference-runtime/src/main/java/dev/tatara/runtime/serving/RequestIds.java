package dev.tatara.runtime.serving;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/** What requests are called in logs, the ledger and feedback where the client has no name for them. */
public final class RequestIds {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int LENGTH = 32;
    private static final int LONGEST_GIVEN = 128;

    private RequestIds() {}

    /** 32 hexadecimal digits at random. */
    public static String make() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        byte[] digits = new byte[LENGTH];
        write(random.nextLong(), digits, 0);
        write(random.nextLong(), digits, LENGTH / 2);
        return new String(digits, StandardCharsets.ISO_8859_1);
    }

    private static void write(long value, byte[] digits, int from) {
        long rest = value;
        for (int i = from; i < from + LENGTH / 2; i++) {
            digits[i] = HEX[(int) rest & 15];
            rest >>>= 4;
        }
    }

    /**
     * The id that a client gave in a header.
     *
     * @return null if it gave none, or one that doesn't fit a log line: more than 128 characters, or not visible ASCII
     */
    public static String given(CharSequence header) {
        if (header == null || header.isEmpty() || header.length() > LONGEST_GIVEN) {
            return null;
        }
        for (int i = 0; i < header.length(); i++) {
            char c = header.charAt(i);
            if (c <= ' ' || c > '~') {
                return null;
            }
        }
        return header.toString();
    }
}
