package dev.tatara.statistics;

import java.util.Objects;

/**
 * Requests for inference over REST and gRPC, whatever became of them. A client that hung up or sent something wrong is
 * counted in {@code requests} alone.
 *
 * @param requests all that ended, with whatever status
 * @param failed those that the server owed an answer: status 5xx, so also those that a full queue turned away (503) or
 *     that waited too long (504)
 * @param throttled those over a rate limit (429): the limit is the owner's wish, so they have not failed
 * @param latency from the first byte to the answer, of those that were answered well
 */
public record Traffic(long requests, long failed, long throttled, LatencyHistogram latency) {
    public Traffic {
        Objects.requireNonNull(latency, "latency");
        if (failed < 0 || throttled < 0 || failed > requests || throttled > requests - failed) {
            throw new IllegalArgumentException("expected failed and throttled to be parts of the requests, found: "
                    + "requests " + requests + ", failed " + failed + ", throttled " + throttled);
        }
    }

    /** No request at all. */
    public static Traffic none() {
        return new Traffic(0, 0, 0, new LatencyHistogram());
    }

    /** Share of the requests that failed, from 0 to 1; 0 where there were none. */
    public double errorRate() {
        return requests == 0 ? 0 : (double) failed / requests;
    }

    /** Both together; both stay as they are. */
    public Traffic plus(Traffic other) {
        LatencyHistogram both = latency.copy();
        both.merge(other.latency);
        return new Traffic(requests + other.requests, failed + other.failed, throttled + other.throttled, both);
    }

    /**
     * What came since an earlier state of the same counters.
     *
     * @param earlier in nothing more than this
     */
    public Traffic since(Traffic earlier) {
        return new Traffic(
                requests - earlier.requests,
                failed - earlier.failed,
                throttled - earlier.throttled,
                latency.since(earlier.latency));
    }
}
