package dev.tatara.runtime.json;

import java.nio.charset.StandardCharsets;

/** Field names that were seen before, so that no string is made of them again. Bounded: clients choose the names. */
final class JsonNames {
    private static final int SLOTS = 128;
    private static final int LONGEST = 64;

    private final String[] known = new String[SLOTS];
    private final byte[][] spelling = new byte[SLOTS][];

    /**
     * The name between two positions.
     *
     * @return null if it has escapes, isn't ASCII or is long: then it takes the long way
     */
    String of(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length > LONGEST) {
            return null;
        }
        int hash = length;
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if (b < 0 || b == '\\') {
                return null;
            }
            hash = hash * 31 + b;
        }
        int slot = (hash ^ (hash >>> 7)) & (SLOTS - 1);
        byte[] spelt = spelling[slot];
        if (spelt == null || !java.util.Arrays.equals(spelt, 0, spelt.length, bytes, from, to)) {
            spelling[slot] = java.util.Arrays.copyOfRange(bytes, from, to);
            known[slot] = new String(bytes, from, length, StandardCharsets.US_ASCII);
        }
        return known[slot];
    }
}
