package dev.tatara.artifacts;

import dev.tatara.artifacts.ArtifactException.Kind;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Pauses between attempts: doubled each time up to a bound, a random half of it so that many clients don't agree. */
record Backoff(int attempts, Duration base, Duration max) {
    static Backoff of(StoreSettings settings) {
        return new Backoff(settings.attempts(), settings.backoffBase(), settings.backoffMax());
    }

    /** Repeats what fails for reasons that may pass. */
    <T> T retrying(Attempt<T> attempt) throws ArtifactException {
        for (int tried = 1; ; tried++) {
            try {
                return attempt.run();
            } catch (ArtifactException e) {
                if (!e.isRetryable() || tried >= attempts) {
                    throw e;
                }
                pause(tried, e);
            }
        }
    }

    /** Waits before the next attempt; an interrupt ends the wait with the failure that led here. */
    void pause(int tried, ArtifactException why) throws ArtifactException {
        var ceiling = Math.min(max.toNanos(), base.toNanos() << Math.min(tried - 1, 20));
        var nanos = ceiling / 2 + ThreadLocalRandom.current().nextLong(Math.max(1, ceiling / 2));
        try {
            Thread.sleep(Duration.ofNanos(nanos));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ArtifactException(Kind.Unavailable, "interrupted while waiting to retry: " + why.getMessage(), e);
        }
    }

    @FunctionalInterface
    interface Attempt<T> {
        T run() throws ArtifactException;
    }
}
