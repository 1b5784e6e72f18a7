package dev.tatara.runtime.http;

import java.time.Duration;

/**
 * What must be done within the same span of time, in the order in which it began: one clock for thousands of requests, of
 * which nearly all are done long before. Used on one event loop.
 */
final class Deadlines {
    private final long span;
    private final Entry ring = new Entry();

    Deadlines(Duration span) {
        this.span = span.isZero() ? Long.MAX_VALUE : span.toNanos();
        ring.next = ring;
        ring.previous = ring;
    }

    /** Something that may take too long. */
    static class Entry {
        private Entry next;
        private Entry previous;
        private long since;

        /** It did; called once, after it left the list. */
        void expired() {}
    }

    void add(Entry entry) {
        entry.since = System.nanoTime();
        entry.previous = ring.previous;
        entry.next = ring;
        ring.previous.next = entry;
        ring.previous = entry;
    }

    void remove(Entry entry) {
        if (entry.next != null) {
            entry.previous.next = entry.next;
            entry.next.previous = entry.previous;
            entry.next = null;
            entry.previous = null;
        }
    }

    /** Expires what began too long ago. */
    void sweep() {
        long now = System.nanoTime();
        while (ring.next != ring && now - ring.next.since > span) {
            Entry late = ring.next;
            remove(late);
            late.expired();
        }
    }
}
