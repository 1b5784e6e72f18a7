package dev.tatara.artifacts;

import dev.tatara.artifacts.ArtifactException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Bytes about to be published; can be read several times, because a request may have to be repeated. */
record Content(Digested digested, Source source) {
    static Content of(Path file) throws ArtifactException {
        try {
            return new Content(Sha256.of(file), () -> Files.newInputStream(file));
        } catch (IOException e) {
            throw new ArtifactException(Kind.Local, "the file to publish can't be read: " + file, e);
        }
    }

    static Content of(byte[] bytes) {
        return new Content(Sha256.of(bytes), () -> new ByteArrayInputStream(bytes));
    }

    long sizeBytes() {
        return digested.sizeBytes();
    }

    /** A stretch of the bytes as a new stream. */
    InputStream open(long offset) {
        try {
            var in = source.open();
            in.skipNBytes(offset);
            return in;
        } catch (IOException e) {
            throw new UncheckedIOException("the content to publish can't be read any more", e);
        }
    }

    @FunctionalInterface
    interface Source {
        InputStream open() throws IOException;
    }
}
