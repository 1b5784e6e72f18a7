package dev.tatara.operator.alerts;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;

/**
 * The token that posts must bear: a key of a mounted Secret, read anew for each post, so that it can be changed while
 * the operator runs. Each line is a token, so that a new one can be given out before the old one goes.
 */
record BearerToken(Path file) {
    private static final String SCHEME = "bearer ";
    private static final long MAX_BYTES = 64 << 10;

    /** What a request bears; empty where it bears none. */
    static Optional<String> in(String authorization) {
        return Optional.ofNullable(authorization)
                .filter(header -> header.toLowerCase(Locale.ROOT).startsWith(SCHEME))
                .map(header -> header.substring(SCHEME.length()).strip())
                .filter(token -> !token.isEmpty());
    }

    /**
     * Whether it is one of ours; takes as long for a nearly right one as for a wrong one.
     *
     * @throws IOException if the file can't be read or has no token
     */
    boolean matches(String given) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException("expected a token in " + file + ", found more than " + MAX_BYTES + " bytes");
        }
        var bytes = given.getBytes(StandardCharsets.UTF_8);
        var found = false;
        var lines = 0;
        for (var line : Files.readAllLines(file)) {
            if (!line.isBlank()) {
                lines++;
                found |= MessageDigest.isEqual(line.strip().getBytes(StandardCharsets.UTF_8), bytes);
            }
        }
        if (lines == 0) {
            throw new IOException("expected a token in " + file + ", found an empty file");
        }
        return found;
    }
}
