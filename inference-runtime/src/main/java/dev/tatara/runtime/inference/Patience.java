package dev.tatara.runtime.inference;

/**
 * Decides whether a worker that got free runs what there is or waits for more.
 *
 * <p>Callers that were answered together tend to ask again together, a moment apart. Whoever runs the first of them alone
 * makes the others wait for a whole run, and next time it is the same. So a worker that has just run several rows waits
 * for as many again; not longer than merging two runs saves, counted from the end of its run. After that moment, and so
 * whenever the server is idle or has one caller, nothing waits. If fewer come than were waited for, fewer are waited for
 * next time. One per worker.
 */
final class Patience {
    private long endedNanos;
    private long lastRows = 1;

    /** A run of so many rows is over. */
    void ended(long now, long rows) {
        endedNanos = now;
        lastRows = rows;
    }

    /** How many rows are worth waiting for. */
    long target(int maxRows) {
        return Math.min(lastRows, maxRows);
    }

    /**
     * How long to wait for more.
     *
     * @param rows rows that are there
     * @param savedNanos what running one more request along saves
     * @param maxDelayNanos the longest that anybody should wait for others
     * @return nanoseconds, 0 to run now
     */
    long pause(long now, long rows, int maxRows, double savedNanos, long maxDelayNanos) {
        if (rows >= target(maxRows)) {
            return 0;
        }
        long until = endedNanos + (long) Math.min(savedNanos, (double) maxDelayNanos);
        return Math.max(0, until - now);
    }
}
