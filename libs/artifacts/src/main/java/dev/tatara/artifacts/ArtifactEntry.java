package dev.tatara.artifacts;

import java.time.Instant;
import java.util.Objects;

/**
 * What a store says about an artifact without handing out its bytes.
 *
 * @param uri where it lies
 * @param sizeBytes its length; −1 where a web server doesn't say
 * @param modified when it was last written; {@link Instant#EPOCH} where the store doesn't say
 */
public record ArtifactEntry(ArtifactUri uri, long sizeBytes, Instant modified) {
    public ArtifactEntry {
        Objects.requireNonNull(uri, "uri");
        Objects.requireNonNull(modified, "modified");
    }
}
