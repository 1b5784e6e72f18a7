package dev.tatara.artifacts;

import java.util.List;
import java.util.Optional;

/**
 * A part of a listing, in the order of the keys' UTF-8 bytes.
 *
 * @param entries at most as many as were asked for
 * @param nextAfter what to pass as {@code after} for the following page; {@code null} on the last one
 */
public record ArtifactPage(List<ArtifactEntry> entries, String nextAfter) {
    public ArtifactPage {
        entries = List.copyOf(entries);
    }

    public Optional<String> next() {
        return Optional.ofNullable(nextAfter);
    }
}
