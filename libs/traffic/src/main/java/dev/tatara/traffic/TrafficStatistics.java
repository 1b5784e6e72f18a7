package dev.tatara.traffic;

import dev.tatara.statistics.LatencyHistogram;
import dev.tatara.statistics.Pane.Column;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one pod counted of the requests that it answered, routed and copied, by spans of time that begin at the same
 * instants in all pods. Figures of many pods add up.
 *
 * @param revision the pod's own
 * @param generation of the table that is in force there
 * @param bucketSeconds length of a bucket
 * @param buckets in the order of time, the last one open still; those in which nothing happened are left out
 */
public record TrafficStatistics(String revision, long generation, int bucketSeconds, List<Bucket> buckets) {
    public TrafficStatistics {
        Objects.requireNonNull(revision, "revision");
        buckets = List.copyOf(buckets);
    }

    /**
     * A span of time.
     *
     * @param start a multiple of the length of buckets since 1970
     * @param revisions what is known of each revision; others than the pod's own have {@code unreachable} alone
     */
    public record Bucket(Instant start, SortedMap<String, Figures> revisions, Shadowed shadow) {
        public Bucket {
            Objects.requireNonNull(start, "start");
            Objects.requireNonNull(shadow, "shadow");
            revisions = new TreeMap<>(revisions);
        }

        public Bucket(Instant start, Map<String, Figures> revisions, Shadowed shadow) {
            this(start, new TreeMap<>(revisions), shadow);
        }
    }

    /**
     * What became of a revision's requests.
     *
     * @param requests that its pods ended, with whatever answer
     * @param failed of them those that the server owed an answer: 5xx, and over gRPC INTERNAL, UNKNOWN, UNAVAILABLE and
     *     DEADLINE_EXCEEDED
     * @param refused of them those whose input wasn't what the model takes: 400, and over gRPC INVALID_ARGUMENT
     * @param unreachable that others wanted to forward to it and could not; they are not among {@code requests}
     * @param latency in the answering server, of those that were answered well
     * @param predictions sketches of what was answered; none where nothing was sampled
     */
    public record Figures(
            long requests,
            long failed,
            long refused,
            long unreachable,
            LatencyHistogram latency,
            List<Column> predictions) {
        public Figures {
            Objects.requireNonNull(latency, "latency");
            predictions = List.copyOf(predictions);
            if (failed < 0 || refused < 0 || failed + refused > requests || unreachable < 0) {
                throw new IllegalArgumentException("expected failed and refused requests among all, found " + failed
                        + " and " + refused + " of " + requests + ", unreachable " + unreachable);
            }
        }

        /** Figures of requests none of which was refused. */
        public Figures(
                long requests, long failed, long unreachable, LatencyHistogram latency, List<Column> predictions) {
            this(requests, failed, 0, unreachable, latency, predictions);
        }
    }

    /**
     * Copies of requests.
     *
     * @param compared both were answered and compared
     * @param mismatched of these, those that differed by more than the tolerance
     * @param dropped not sent, as too much was under way
     * @param failed sent and not answered, or answered by an error
     */
    public record Shadowed(long compared, long mismatched, long dropped, long failed) {
        public static final Shadowed NONE = new Shadowed(0, 0, 0, 0);

        public Shadowed {
            if (mismatched < 0 || mismatched > compared || dropped < 0 || failed < 0) {
                throw new IllegalArgumentException(
                        "expected mismatches among what was compared, found " + mismatched + " of " + compared);
            }
        }
    }
}
