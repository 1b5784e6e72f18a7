package dev.tatara.runtime.limits;

import java.util.concurrent.ThreadLocalRandom;

/**
 * A bucket per client in memory that never grows. A client is known by a 64-bit digest of its name under a secret of this
 * process; where too many share a place in the table, the one whose bucket is fullest, which has asked for longest
 * nothing, is forgotten. Threads share it.
 */
final class ClientTable {
    /** 512 KiB for 32,768 clients. */
    private static final int SETS = 4096;

    private static final int WAYS = 8;
    private static final int LOCKS = 64;

    private final RateLimit limit;
    private final long secret = ThreadLocalRandom.current().nextLong();
    private final long multiplier = ThreadLocalRandom.current().nextLong() | 1;
    private final long[] clients = new long[SETS * WAYS];
    private final long[] full = new long[SETS * WAYS];
    private final Object[] locks = new Object[LOCKS];

    ClientTable(RateLimit limit) {
        this.limit = limit;
        for (int i = 0; i < LOCKS; i++) {
            locks[i] = new Object();
        }
    }

    /**
     * Takes a request of a client in if there is room.
     *
     * @return 0 if it is let in, else after how many nanoseconds one will be
     */
    long take(String client, long now) {
        long digest = digest(client);
        int set = (int) (digest >>> 40) & SETS - 1;
        synchronized (locks[set % LOCKS]) {
            int slot = slot(set * WAYS, digest, now);
            long after = limit.after(full[slot], now);
            long wait = limit.waitFor(after, now);
            if (wait > 0) {
                return wait;
            }
            full[slot] = after;
            return 0;
        }
    }

    private int slot(int first, long digest, long now) {
        int oldest = first;
        for (int slot = first; slot < first + WAYS; slot++) {
            if (clients[slot] == digest) {
                return slot;
            }
            if (clients[slot] == 0 || (clients[oldest] != 0 && full[slot] - full[oldest] < 0)) {
                oldest = slot;
            }
        }
        clients[oldest] = digest;
        full[oldest] = now;
        return oldest;
    }

    private long digest(String client) {
        long digest = secret;
        for (int i = 0; i < client.length(); i++) {
            digest = (digest ^ client.charAt(i)) * multiplier;
            digest ^= digest >>> 29;
        }
        digest *= 0x9E3779B97F4A7C15L;
        digest ^= digest >>> 32;
        return digest == 0 ? 1 : digest;
    }
}
