package dev.tatara.runtime.serving;

import java.time.Duration;

/**
 * What must be done within the same span of time, in the order in which it began: one clock for thousands of requests, of
 * which nearly all are done long before. Used on one event loop.
 */
public final class Deadlines {
    private final long span;
    private final Entry ring = new Entry();

    /**
     * @param span zero for as long as it takes
     */
    public Deadlines(Duration span) {
        this.span = span.isZero() ? Long.MAX_VALUE : span.toNanos();
        ring.next = ring;
        ring.previous = ring;
    }

    /** Something that may take too long. */
    public static class Entry {
        private Entry next;
        private Entry previous;
        private long since;

        /** It did; called once, after it left the list. */
        protected void expired() {}
    }

    public void add(Entry entry) {
        entry.since = System.nanoTime();
        entry.previous = ring.previous;
        entry.next = ring;
        ring.previous.next = entry;
        ring.previous = entry;
    }

    public void remove(Entry entry) {
        if (entry.next != null) {
            entry.previous.next = entry.next;
            entry.next.previous = entry.previous;
            entry.next = null;
            entry.previous = null;
        }
    }

    /** Expires what began too long ago. */
    public void sweep() {
        long now = System.nanoTime();
        while (ring.next != ring && now - ring.next.since > span) {
            Entry late = ring.next;
            remove(late);
            late.expired();
        }
    }
}
