package dev.tatara.features.writer;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How features are written.
 *
 * @param keyTtl how long Redis keeps a key after a row was written to it; empty for ever
 * @param patience how long a Redis that can't be reached is tried again before the writing fails
 * @param pause the first pause between attempts; doubled each time
 * @param longestPause the longest pause
 * @param notices told, in a sentence, when Redis is away and when it is back
 */
public record WriterSettings(
        Optional<Duration> keyTtl, Duration patience, Duration pause, Duration longestPause, Consumer<String> notices) {
    public WriterSettings {
        if (keyTtl.isPresent() && keyTtl.get().toMillis() < 1) {
            throw new IllegalArgumentException("expected a keyTtl of a millisecond or more, found " + keyTtl.get());
        }
    }

    /** Keys are kept for ever; a Redis that is away is tried again for five minutes, in silence. */
    public static WriterSettings defaults() {
        return new WriterSettings(
                Optional.empty(), Duration.ofMinutes(5), Duration.ofMillis(250), Duration.ofSeconds(10), notice -> {});
    }

    public WriterSettings withKeyTtl(Duration ttl) {
        return new WriterSettings(Optional.of(ttl), patience, pause, longestPause, notices);
    }

    public WriterSettings withRetries(Duration howLong, Duration first, Duration longest) {
        return new WriterSettings(keyTtl, howLong, first, longest, notices);
    }

    public WriterSettings withNotices(Consumer<String> listener) {
        return new WriterSettings(keyTtl, patience, pause, longestPause, listener);
    }
}
