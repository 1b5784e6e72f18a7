package dev.tatara.runtime.limits;

import dev.tatara.runtime.inference.EngineMeters.Rejection;
import dev.tatara.runtime.inference.RequestException;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * How many inference requests this process lets in: all together, and of one client. Asked before a body is read, by all
 * protocols and threads.
 */
public final class RequestLimits {
    private static final int TOO_MANY_REQUESTS = 429;

    private final OptionalInt perSecond;
    private final OptionalInt perClient;
    private final RateLimit all;
    private final AtomicLong bucket;
    private final ClientTable clients;
    private final Consumer<Rejection> rejected;

    /**
     * @param perSecond requests per second of all clients, 1 or more; empty for no limit
     * @param perClient requests per second of one client, 1 or more; empty for no limit
     * @param rejected is told of each request that isn't let in
     */
    public RequestLimits(OptionalInt perSecond, OptionalInt perClient, Consumer<Rejection> rejected) {
        this(perSecond, perClient, rejected, System.nanoTime());
    }

    RequestLimits(OptionalInt perSecond, OptionalInt perClient, Consumer<Rejection> rejected, long now) {
        this.perSecond = perSecond;
        this.perClient = perClient;
        this.rejected = rejected;
        all = perSecond.isPresent() ? new RateLimit(perSecond.getAsInt()) : null;
        bucket = all == null ? null : all.newBucket(now);
        clients = perClient.isPresent() ? new ClientTable(new RateLimit(perClient.getAsInt())) : null;
    }

    /** Whether it matters who asks. */
    public boolean areByClient() {
        return clients != null;
    }

    /**
     * Takes a request in.
     *
     * @param client who asks: a user's name, a key, an address; may be null unless {@link #areByClient()}
     * @param now on the scale of {@link System#nanoTime()}
     * @return null if it is let in, else what to answer: status 429 with the seconds for Retry-After
     */
    public RequestException refusal(String client, long now) {
        // The client's own limit first: who is over it shall not use up what the others have.
        if (clients != null) {
            long wait = clients.take(client, now);
            if (wait > 0) {
                return refused(Rejection.CLIENT_RATE_LIMIT, perClient.getAsInt(), "limits.per-client", wait);
            }
        }
        if (all != null) {
            long wait = all.take(bucket, now);
            if (wait > 0) {
                return refused(Rejection.RATE_LIMIT, perSecond.getAsInt(), "limits.requests-per-second", wait);
            }
        }
        return null;
    }

    private RequestException refused(Rejection reason, int limit, String key, long waitNanos) {
        rejected.accept(reason);
        String who = reason == Rejection.RATE_LIMIT ? "all clients together" : "one client";
        long second = TimeUnit.SECONDS.toNanos(1);
        return new RequestException(
                TOO_MANY_REQUESTS,
                "more than " + limit + " requests per second of " + who + " (tatara.runtime." + key
                        + "): try again later",
                (int) Math.max(1, (waitNanos + second - 1) / second));
    }
}
