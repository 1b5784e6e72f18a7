package dev.tatara.runtime.observation;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * What waits to be written to the artifact store. Each kind has its own bound; beyond it the oldest is dropped and
 * counted. A thread writes one after the other and tries again, less and less often, until the store takes it.
 */
public final class Uploads implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Uploads.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Duration HURRIED_PAUSE = Duration.ofMillis(200);
    private static final Duration SAID_AGAIN = Duration.ofMinutes(30);
    private static final int BYTES_OF_AN_UPLOAD = 200;

    /** What is written, the most precious first. */
    public enum Kind {
        FEEDBACK("feedback"),
        PANE("pane"),
        LEDGER("ledger"),
        PAYLOAD_LOG("payload-log");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** As in metrics. */
        public String label() {
            return label;
        }
    }

    /** Is told how it went, on any thread; must be quick. */
    public interface Listener {
        void stored(Kind kind, int records);

        void dropped(Kind kind, int records);

        void failed(Kind kind);
    }

    /** Something else to do with the store, bit by bit, when nothing waits to be written. */
    interface Chore {
        /** How long it may wait at the start. */
        Duration untilFirst();

        /**
         * Does a bit: one call to the store.
         *
         * @return how long the next bit may wait
         */
        Duration work(ArtifactStore store, ArtifactUri base) throws ArtifactException;

        /**
         * Is told that the bit failed.
         *
         * @return how long the next bit may wait
         */
        Duration failed(Exception e);
    }

    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    private record Upload(Kind kind, String key, byte[] bytes, int records) {
        long size() {
            return (long) bytes.length + BYTES_OF_AN_UPLOAD + key.length();
        }
    }

    private static final class Shelf {
        private final Deque<Upload> uploads = new ArrayDeque<>();
        private long bound = Long.MAX_VALUE;
        private long bytes;
    }

    private final ArtifactStore store;
    private final ArtifactUri base;
    private final Listener listener;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<Kind, Shelf> shelves = new EnumMap<>(Kind.class);
    private final Thread thread;
    private Upload current;
    private Chore chore;
    private long choreDueNanos;
    private boolean hurried;
    private boolean closed;
    private Instant saidAt = Instant.MIN;
    private boolean away;

    /**
     * @param base below which everything is written
     * @param store closed by {@link #close()}
     */
    public Uploads(ArtifactStore store, ArtifactUri base, Listener listener) {
        this.store = store;
        this.base = base;
        this.listener = listener;
        for (Kind kind : Kind.values()) {
            shelves.put(kind, new Shelf());
        }
        thread = Thread.ofVirtual().name("uploads").unstarted(this::work);
    }

    /** Sets how many bytes of a kind may wait. */
    public void setBound(Kind kind, long bytes) {
        lock.lock();
        try {
            shelves.get(kind).bound = bytes;
        } finally {
            lock.unlock();
        }
    }

    /** Sets what to do when nothing waits; before it is started. */
    void setChore(Chore newChore) {
        chore = newChore;
    }

    public void start() {
        if (chore != null) {
            choreDueNanos = System.nanoTime() + chore.untilFirst().toNanos();
        }
        thread.start();
    }

    /**
     * Takes something to write.
     *
     * @param key below the base
     * @param records what is counted if it is dropped
     */
    public void offer(Kind kind, String key, byte[] bytes, int records) {
        Upload upload = new Upload(kind, key, bytes, records);
        lock.lock();
        try {
            Shelf shelf = shelves.get(kind);
            shelf.uploads.addLast(upload);
            shelf.bytes += upload.size();
            while (shelf.bytes > shelf.bound && dropOldest(kind, shelf)) {
                LOG.tracef("dropped a file of kind %s", kind);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The one that is being written may yet arrive; the newest is what people will look for. */
    private boolean dropOldest(Kind kind, Shelf shelf) {
        Iterator<Upload> oldest = shelf.uploads.iterator();
        Upload candidate = oldest.next();
        if (current != null && isSame(candidate, current) && oldest.hasNext()) {
            candidate = oldest.next();
        }
        if (!oldest.hasNext()) {
            return false;
        }
        oldest.remove();
        shelf.bytes -= candidate.size();
        listener.dropped(kind, candidate.records);
        return true;
    }

    /** Bytes of a kind that wait. */
    public long waiting(Kind kind) {
        lock.lock();
        try {
            return shelves.get(kind).bytes;
        } finally {
            lock.unlock();
        }
    }

    /** For a gauge. */
    LongSupplier waitingOf(Kind kind) {
        return () -> waiting(kind);
    }

    private void work() {
        Duration pause = FIRST_PAUSE;
        try {
            while (true) {
                Upload next = await();
                if (next == null) {
                    if (isClosed()) {
                        return;
                    }
                    doChore();
                } else if (tryOnce(next)) {
                    pause = FIRST_PAUSE;
                } else {
                    pause(pause);
                    pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void doChore() {
        Duration rest;
        try {
            rest = chore.work(store, base);
        } catch (ArtifactException | RuntimeException e) {
            if (isClosed()) {
                // It was cut short.
                return;
            }
            rest = chore.failed(e);
        }
        choreDueNanos = System.nanoTime() + rest.toNanos();
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** The next to write; null when the chore is due, or there is nothing more to do. */
    private Upload await() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed) {
                for (Shelf shelf : shelves.values()) {
                    if (!shelf.uploads.isEmpty()) {
                        current = shelf.uploads.getFirst();
                        return current;
                    }
                }
                long left = chore == null || hurried ? Long.MAX_VALUE : choreDueNanos - System.nanoTime();
                if (left <= 0) {
                    return null;
                }
                changed.awaitNanos(left);
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private boolean tryOnce(Upload upload) {
        try {
            store.put(base.resolve(upload.key), upload.bytes);
        } catch (ArtifactException | RuntimeException e) {
            listener.failed(upload.kind);
            say(upload, e);
            return false;
        }
        listener.stored(upload.kind, upload.records);
        done(upload);
        if (away) {
            away = false;
            LOG.infof("%s takes files again", base);
        }
        return true;
    }

    private void done(Upload upload) {
        lock.lock();
        try {
            Shelf shelf = shelves.get(upload.kind);
            current = null;
            shelf.uploads.removeFirst();
            shelf.bytes -= upload.size();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("ReferenceEquality") // this very upload, whatever another one has in it
    private static boolean isSame(Upload one, Upload other) {
        return one == other;
    }

    private void say(Upload upload, Exception e) {
        Instant now = Instant.now();
        if (!away || Duration.between(saidAt, now).compareTo(SAID_AGAIN) > 0) {
            away = true;
            saidAt = now;
            LOG.warnf(
                    "cannot write %s to %s, will try again: %s",
                    upload.key, base, e.getMessage() == null ? e : e.getMessage());
        }
    }

    /** Waits, not as long when somebody is in a hurry. */
    private void pause(Duration usual) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long begun = System.nanoTime();
            long left = usual.toNanos();
            while (left > 0 && !closed) {
                changed.awaitNanos(left);
                long limit = hurried ? HURRIED_PAUSE.toNanos() : usual.toNanos();
                left = limit - (System.nanoTime() - begun);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until everything is written, trying more often than usual.
     *
     * @return whether it was
     */
    public boolean flush(Duration limit) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            hurried = true;
            changed.signalAll();
            long left = limit.toNanos();
            while (left > 0 && !isEmpty()) {
                left = changed.awaitNanos(left);
            }
            return isEmpty();
        } finally {
            hurried = false;
            lock.unlock();
        }
    }

    /** Whether nothing waits. */
    public boolean isEmpty() {
        lock.lock();
        try {
            return shelves.values().stream().allMatch(shelf -> shelf.uploads.isEmpty());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        thread.interrupt();
        store.close();
    }
}
