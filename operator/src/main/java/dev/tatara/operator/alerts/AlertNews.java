package dev.tatara.operator.alerts;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * One alert of a post.
 *
 * @param fingerprint its identity: a digest of its labels
 * @param isFiring whether it fires, or is resolved
 * @param startsAt when it began to fire
 * @param endsAt when it ended; {@code null} while it fires
 * @param labels its labels, the name among them
 */
record AlertNews(String fingerprint, boolean isFiring, Instant startsAt, Instant endsAt, Map<String, String> labels) {
    AlertNews {
        Objects.requireNonNull(fingerprint, "fingerprint");
        Objects.requireNonNull(startsAt, "startsAt");
    }

    String label(String name) {
        return labels.getOrDefault(name, "");
    }
}
