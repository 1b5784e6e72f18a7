package dev.tatara.artifacts;

import dev.tatara.artifacts.ArtifactException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Duration;

/**
 * One download: digests on the way, holds to a bound, notices a body that breaks off and goes on where it broke, or
 * from the start where the other side can't.
 */
final class Transfer<U extends ArtifactUri> {
    private final Backend<U> backend;
    private final U uri;
    private final long maxBytes;
    private final StoreSettings settings;
    private final Sink sink;
    private final TransferListener listener;
    private final long deadline;
    private MessageDigest digest = Sha256.newDigest();
    private long position;

    Transfer(Backend<U> backend, U uri, long maxBytes, StoreSettings settings, Sink sink, TransferListener listener) {
        this.backend = backend;
        this.uri = uri;
        this.maxBytes = maxBytes;
        this.settings = settings;
        this.sink = sink;
        this.listener = listener;
        this.deadline = System.nanoTime() + settings.transferTimeout().toNanos();
    }

    Digested run() throws ArtifactException {
        var backoff = Backoff.of(settings);
        String tag = null;
        var failures = 0;
        while (true) {
            var opened = backend.open(uri, position, tag);
            tag = opened.tag();
            var start = position;
            try (var body = opened.body()) {
                if (opened.offset() != position) {
                    restart();
                    start = 0;
                }
                if (opened.totalBytes() > maxBytes) {
                    throw tooLarge(opened.totalBytes() + " bytes");
                }
                copy(body, opened.totalBytes());
                if (opened.totalBytes() < 0 || position >= opened.totalBytes()) {
                    return new Digested(Sha256.hex(digest), position);
                }
                throw brokeOff(opened.totalBytes(), null);
            } catch (ArtifactException e) {
                failures = position > start ? 1 : failures + 1;
                if (!e.isRetryable() || failures >= settings.attempts()) {
                    throw e;
                }
                backoff.pause(failures, e);
            } catch (IOException e) {
                throw brokeOff(opened.totalBytes(), e);
            }
        }
    }

    private void copy(InputStream body, long total) throws ArtifactException {
        var buffer = new byte[Sha256.BUFFER_BYTES];
        while (true) {
            int n;
            try {
                n = body.read(buffer);
            } catch (IOException e) {
                throw brokeOff(-1, e);
            }
            if (n < 0) {
                return;
            }
            if (position + n > maxBytes) {
                throw tooLarge("more than that");
            }
            sink.write(position, buffer, n);
            digest.update(buffer, 0, n);
            position += n;
            listener.arrived(position, total);
            if (System.nanoTime() - deadline > 0) {
                throw new ArtifactException(
                        Kind.Unavailable,
                        "expected %s within %s, got %d bytes by then".formatted(uri, limit(), position));
            }
        }
    }

    private void restart() throws ArtifactException {
        sink.restart();
        digest = Sha256.newDigest();
        position = 0;
    }

    private Duration limit() {
        return settings.transferTimeout();
    }

    private ArtifactException tooLarge(String found) {
        return new ArtifactException(
                Kind.TooLarge, "expected at most %d bytes at %s, found %s".formatted(maxBytes, uri, found));
    }

    private ArtifactException brokeOff(long total, IOException cause) {
        return new ArtifactException(
                Kind.Unavailable,
                "the transfer of %s broke off after %d%s bytes%s"
                        .formatted(
                                uri,
                                position,
                                total < 0 ? "" : " of " + total,
                                cause == null ? "" : ": " + Failures.words(cause)),
                cause);
    }

    /** Where the bytes go. */
    interface Sink {
        void write(long position, byte[] buffer, int length) throws ArtifactException;

        void restart() throws ArtifactException;
    }
}
