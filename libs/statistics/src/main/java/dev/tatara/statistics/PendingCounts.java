package dev.tatara.statistics;

import java.util.Arrays;

/** Counts a few categories without making strings of them, until the table is full. */
final class PendingCounts {
    private static final int SLOTS = 64;
    private static final int FULL = 48;

    private final long[] keys = new long[SLOTS];
    private final byte[][] texts = new byte[SLOTS][];
    private final long[] counts = new long[SLOTS];
    private int used;

    /** Takes what was counted. */
    interface Receiver {
        void number(long value, long count);

        void text(byte[] utf8, long count);
    }

    boolean isFull() {
        return used >= FULL;
    }

    void add(long value) {
        int slot = Long.hashCode(value * 0x9E3779B97F4A7C15L) >>> 26;
        while (counts[slot] != 0) {
            if (texts[slot] == null && keys[slot] == value) {
                counts[slot]++;
                return;
            }
            slot = (slot + 1) & (SLOTS - 1);
        }
        keys[slot] = value;
        counts[slot] = 1;
        used++;
    }

    void add(byte[] utf8) {
        int hash = Arrays.hashCode(utf8);
        int slot = (hash * 0x9E3779B9) >>> 26;
        while (counts[slot] != 0) {
            if (texts[slot] != null && keys[slot] == hash && Arrays.equals(texts[slot], utf8)) {
                counts[slot]++;
                return;
            }
            slot = (slot + 1) & (SLOTS - 1);
        }
        keys[slot] = hash;
        texts[slot] = utf8;
        counts[slot] = 1;
        used++;
    }

    void drain(Receiver receiver) {
        if (used == 0) {
            return;
        }
        for (int slot = 0; slot < SLOTS; slot++) {
            if (counts[slot] == 0) {
                continue;
            }
            if (texts[slot] == null) {
                receiver.number(keys[slot], counts[slot]);
            } else {
                receiver.text(texts[slot], counts[slot]);
            }
            counts[slot] = 0;
            texts[slot] = null;
        }
        used = 0;
    }
}
