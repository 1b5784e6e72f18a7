package dev.tatara.artifacts;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of files and bytes, read in pieces. */
public final class Sha256 {
    static final int BUFFER_BYTES = 128 * 1024;

    private Sha256() {}

    /** Digest and length of a file. */
    public static Digested of(Path file) throws IOException {
        var digest = newDigest();
        var buffer = new byte[BUFFER_BYTES];
        long size = 0;
        try (InputStream in = Files.newInputStream(file)) {
            for (int n; (n = in.read(buffer)) >= 0; size += n) {
                digest.update(buffer, 0, n);
            }
        }
        return new Digested(hex(digest), size);
    }

    /** Digest and length of bytes. */
    public static Digested of(byte[] bytes) {
        var digest = newDigest();
        digest.update(bytes);
        return new Digested(hex(digest), bytes.length);
    }

    static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}
