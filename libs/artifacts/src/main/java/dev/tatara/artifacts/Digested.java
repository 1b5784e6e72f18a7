package dev.tatara.artifacts;

import java.util.Objects;

/**
 * What went through a transfer.
 *
 * @param sha256 64 lower-case hexadecimal digits
 * @param sizeBytes number of bytes
 */
public record Digested(String sha256, long sizeBytes) {
    public Digested {
        Objects.requireNonNull(sha256, "sha256");
    }

    /** {@code sha256:} and the digits. */
    public String digest() {
        return "sha256:" + sha256;
    }
}
