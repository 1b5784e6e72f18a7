package dev.tatara.runtime.limits;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A number of requests per second, in bursts of a second's worth at most. Threads share it.
 *
 * <p>A token bucket in one number: the time at which the bucket would be full again (the generic cell rate algorithm,
 * ITU-T I.371, virtual scheduling). A request that would bring it more than a second ahead is refused.
 */
final class RateLimit {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final long nanosPerRequest;
    private final long burstNanos;

    /**
     * @param perSecond 1 to 1,000,000,000
     */
    RateLimit(int perSecond) {
        nanosPerRequest = SECOND / perSecond;
        burstNanos = nanosPerRequest * perSecond;
    }

    /** A bucket that is full. */
    AtomicLong newBucket(long now) {
        return new AtomicLong(now);
    }

    /**
     * Takes a request in if there is room.
     *
     * @param bucket what was taken so far
     * @param now on the scale of {@link System#nanoTime()}
     * @return 0 if it is let in, else after how many nanoseconds one will be
     */
    long take(AtomicLong bucket, long now) {
        while (true) {
            long full = bucket.get();
            long after = after(full, now);
            if (after - now > burstNanos) {
                return after - now - burstNanos;
            }
            if (bucket.compareAndSet(full, after)) {
                return 0;
            }
        }
    }

    /** As {@link #take} for a bucket that the caller keeps and guards: the bucket's next value. */
    long after(long full, long now) {
        return (full - now > 0 ? full : now) + nanosPerRequest;
    }

    /** Nanoseconds until a bucket with this next value lets one in, 0 or less if it does now. */
    long waitFor(long after, long now) {
        return after - now - burstNanos;
    }
}
