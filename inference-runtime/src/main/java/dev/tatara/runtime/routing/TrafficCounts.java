package dev.tatara.runtime.routing;

import dev.tatara.statistics.LatencyHistogram;
import dev.tatara.statistics.Pane.Column;
import dev.tatara.traffic.TrafficStatistics.Bucket;
import dev.tatara.traffic.TrafficStatistics.Figures;
import dev.tatara.traffic.TrafficStatistics.Shadowed;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * What one event loop counts while there is something to decide, by spans of time. Its lock is nearly always free:
 * others take it only to read.
 */
public final class TrafficCounts {
    /** Spans of time that are kept. */
    static final int BUCKETS = 360;

    private static final int BAD_REQUEST = 400;
    private static final int SERVER_ERROR = 500;

    private final String ownRevision;
    private final Deque<Counted> buckets = new ArrayDeque<>();
    private long bucketMillis = Long.MAX_VALUE;

    TrafficCounts(String ownRevision) {
        this.ownRevision = ownRevision;
    }

    private static final class Counted {
        private final long start;
        private final LatencyHistogram latency = new LatencyHistogram();
        private final Map<String, Long> unreachable = new HashMap<>();
        private long requests;
        private long failed;
        private long refused;
        private long compared;
        private long mismatched;
        private long dropped;
        private long shadowFailed;

        Counted(long start) {
            this.start = start;
        }

        Bucket told(String ownRevision) {
            Map<String, Figures> revisions = new TreeMap<>();
            unreachable.forEach((revision, times) ->
                    revisions.put(revision, new Figures(0, 0, times, new LatencyHistogram(), List.of())));
            if (requests > 0) {
                revisions.put(
                        ownRevision,
                        new Figures(
                                requests,
                                failed,
                                refused,
                                unreachable.getOrDefault(ownRevision, 0L),
                                latency.copy(),
                                List.of()));
            }
            return new Bucket(
                    Instant.ofEpochMilli(start), revisions, new Shadowed(compared, mismatched, dropped, shadowFailed));
        }
    }

    /** An inference of the own revision ended. */
    public synchronized void answered(int status, long nanos) {
        Counted now = now();
        now.requests++;
        if (status >= SERVER_ERROR) {
            now.failed++;
        } else if (status == BAD_REQUEST) {
            now.refused++;
        } else if (status < BAD_REQUEST) {
            now.latency.record(nanos);
        }
    }

    /** A request for this revision couldn't be forwarded. */
    synchronized void unreachable(String revision) {
        now().unreachable.merge(revision, 1L, Long::sum);
    }

    synchronized void compared(boolean matched) {
        Counted now = now();
        now.compared++;
        now.mismatched += matched ? 0 : 1;
    }

    synchronized void copyDropped() {
        now().dropped++;
    }

    synchronized void copyFailed() {
        now().shadowFailed++;
    }

    private Counted now() {
        long now = System.currentTimeMillis();
        long start = now - Math.floorMod(now, bucketMillis);
        Counted last = buckets.peekLast();
        // A clock that was set back counts on where it was.
        if (last == null || last.start < start) {
            last = new Counted(start);
            buckets.addLast(last);
            if (buckets.size() > BUCKETS) {
                buckets.removeFirst();
            }
        }
        return last;
    }

    private synchronized void measure(long millis) {
        if (millis != bucketMillis) {
            buckets.clear();
            bucketMillis = millis;
        }
    }

    private synchronized List<Bucket> since(long millis) {
        List<Bucket> found = new ArrayList<>();
        for (Counted bucket : buckets) {
            if (bucket.start >= millis) {
                found.add(bucket.told(ownRevision));
            }
        }
        return found;
    }

    /** Those of all event loops. */
    static final class Ring {
        private final List<TrafficCounts> loops = new CopyOnWriteArrayList<>();
        private volatile int seconds = 1;

        synchronized TrafficCounts add(TrafficCounts loop) {
            loop.measure(TimeUnit.SECONDS.toMillis(seconds));
            loops.add(loop);
            return loop;
        }

        /** Counts by spans of this length from now on; another length begins anew. */
        synchronized void measure(int bucketSeconds) {
            seconds = bucketSeconds;
            loops.forEach(loop -> loop.measure(TimeUnit.SECONDS.toMillis(bucketSeconds)));
        }

        int bucketSeconds() {
            return seconds;
        }

        /**
         * Buckets that begin at an instant or later, in the order of time.
         *
         * @param predictions what the own revision answered; of buckets in which it was counted
         */
        List<Bucket> since(long millis, Map<Instant, List<Column>> predictions) {
            TreeMap<Instant, Bucket> all = new TreeMap<>();
            for (TrafficCounts loop : loops) {
                for (Bucket bucket : loop.since(millis)) {
                    all.merge(bucket.start(), bucket, Ring::sum);
                }
            }
            predictions.forEach((start, columns) ->
                    all.computeIfPresent(start, (same, bucket) -> with(bucket, loops.getFirst().ownRevision, columns)));
            return List.copyOf(all.values());
        }

        private static Bucket with(Bucket bucket, String revision, List<Column> predictions) {
            Map<String, Figures> revisions = new TreeMap<>(bucket.revisions());
            revisions.computeIfPresent(
                    revision,
                    (same, figures) -> new Figures(
                            figures.requests(),
                            figures.failed(),
                            figures.refused(),
                            figures.unreachable(),
                            figures.latency(),
                            predictions));
            return new Bucket(bucket.start(), revisions, bucket.shadow());
        }

        private static Bucket sum(Bucket one, Bucket other) {
            Map<String, Figures> revisions = new TreeMap<>(one.revisions());
            other.revisions().forEach((revision, figures) -> revisions.merge(revision, figures, Ring::sum));
            Shadowed a = one.shadow();
            Shadowed b = other.shadow();
            return new Bucket(
                    one.start(),
                    revisions,
                    new Shadowed(
                            a.compared() + b.compared(),
                            a.mismatched() + b.mismatched(),
                            a.dropped() + b.dropped(),
                            a.failed() + b.failed()));
        }

        private static Figures sum(Figures one, Figures other) {
            LatencyHistogram latency = one.latency().copy();
            latency.merge(other.latency());
            return new Figures(
                    one.requests() + other.requests(),
                    one.failed() + other.failed(),
                    one.refused() + other.refused(),
                    one.unreachable() + other.unreachable(),
                    latency,
                    List.of());
        }
    }
}
