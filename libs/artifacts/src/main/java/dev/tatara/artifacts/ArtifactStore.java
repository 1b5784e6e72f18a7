package dev.tatara.artifacts;

import dev.tatara.artifacts.ArtifactException.Kind;
import dev.tatara.artifacts.ArtifactUri.LocalFile;
import dev.tatara.artifacts.ArtifactUri.S3;
import dev.tatara.artifacts.ArtifactUri.Web;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads and writes artifacts by address, with one set of credentials. Thread-safe. Every call blocks, tries again for
 * a while when the other side is away, and fails with an {@link ArtifactException}.
 */
public final class ArtifactStore implements AutoCloseable {
    private final StoreSettings settings;
    private final FileBackend files = new FileBackend();
    private final WebBackend web;
    private final S3Backend s3;

    private ArtifactStore(StoreSettings settings, Map<String, String> environment, long partBytes) {
        this.settings = settings;
        this.web = new WebBackend(settings);
        this.s3 = new S3Backend(settings, environment, partBytes);
    }

    /** A store with these settings. Nothing is connected to before the first call. */
    public static ArtifactStore open(StoreSettings settings) {
        return open(settings, System.getenv(), S3Backend.PART_BYTES);
    }

    static ArtifactStore open(StoreSettings settings, Map<String, String> environment, long partBytes) {
        return new ArtifactStore(Objects.requireNonNull(settings, "settings"), environment, partBytes);
    }

    /** What is known about an artifact; {@link Kind#NotFound} where there is none. */
    public ArtifactEntry stat(ArtifactUri uri) throws ArtifactException {
        return switch (uri) {
            case S3 object -> s3.stat(object);
            case Web page -> web.stat(page);
            case LocalFile file -> files.stat(file);
        };
    }

    /** What is known about an artifact, or nothing where there is none. */
    public Optional<ArtifactEntry> find(ArtifactUri uri) throws ArtifactException {
        try {
            return Optional.of(stat(uri));
        } catch (ArtifactException e) {
            if (e.kind() == Kind.NotFound) {
                return Optional.empty();
            }
            throw e;
        }
    }

    public boolean exists(ArtifactUri uri) throws ArtifactException {
        return find(uri).isPresent();
    }

    /**
     * Fetches an artifact into a file. The file appears whole or not at all; a broken transfer goes on where it broke.
     *
     * @param target the file to write; its folder must exist; replaced where it exists
     * @param maxBytes bound; more than that is {@link Kind#TooLarge}, and stops as soon as it is known
     */
    public Digested download(ArtifactUri uri, Path target, long maxBytes) throws ArtifactException {
        return download(uri, target, maxBytes, TransferListener.NONE);
    }

    /** The same, telling a listener how it goes on. */
    public Digested download(ArtifactUri uri, Path target, long maxBytes, TransferListener listener)
            throws ArtifactException {
        var part = target.resolveSibling("." + target.getFileName() + ".part");
        try {
            try (var channel = FileChannel.open(
                    part, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                var digested = transfer(uri, maxBytes, new FileSink(channel, target), listener);
                Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                return digested;
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (ArtifactException e) {
            throw e;
        } catch (IOException e) {
            throw new ArtifactException(
                    Kind.Local, "writing " + target + " failed: " + Failures.words(e) + "; is the disk full?", e);
        }
    }

    /** Reads a small artifact into memory. */
    public byte[] read(ArtifactUri uri, int maxBytes) throws ArtifactException {
        var sink = new MemorySink();
        transfer(uri, maxBytes, sink, TransferListener.NONE);
        return sink.bytes.toByteArray();
    }

    /** Reads an artifact to its end for its digest alone. */
    public Digested digest(ArtifactUri uri, long maxBytes) throws ArtifactException {
        return transfer(uri, maxBytes, new NoSink(), TransferListener.NONE);
    }

    private Digested transfer(ArtifactUri uri, long maxBytes, Transfer.Sink sink, TransferListener listener)
            throws ArtifactException {
        return switch (uri) {
            case S3 object -> new Transfer<>(s3, object, maxBytes, settings, sink, listener).run();
            case Web page -> new Transfer<>(web, page, maxBytes, settings, sink, listener).run();
            case LocalFile file -> new Transfer<>(files, file, maxBytes, settings, sink, listener).run();
        };
    }

    /** Publishes a file, whole or not at all, in place of what is there. */
    public Digested put(ArtifactUri uri, Path file) throws ArtifactException {
        return put(uri, Content.of(file));
    }

    /** Publishes bytes, whole or not at all, in place of what is there. */
    public Digested put(ArtifactUri uri, byte[] bytes) throws ArtifactException {
        return put(uri, Content.of(bytes));
    }

    private Digested put(ArtifactUri uri, Content content) throws ArtifactException {
        switch (uri) {
            case S3 object -> s3.put(object, content);
            case Web page -> web.put(page, content);
            case LocalFile file -> files.put(file, content);
        }
        return content.digested();
    }

    /**
     * Publishes a file where nothing is yet.
     *
     * @return whether these bytes were published; {@code false}: something is there already and stays
     */
    public boolean putIfAbsent(ArtifactUri uri, Path file) throws ArtifactException {
        return putIfAbsent(uri, Content.of(file));
    }

    /** The same with bytes. */
    public boolean putIfAbsent(ArtifactUri uri, byte[] bytes) throws ArtifactException {
        return putIfAbsent(uri, Content.of(bytes));
    }

    private boolean putIfAbsent(ArtifactUri uri, Content content) throws ArtifactException {
        return switch (uri) {
            case S3 object -> s3.putIfAbsent(object, content);
            case Web page -> web.putIfAbsent(page, content);
            case LocalFile file -> files.putIfAbsent(file, content);
        };
    }

    /**
     * Lists what lies below an address, folders included, in the order of the keys' UTF-8 bytes. A prefix under which
     * nothing lies gives an empty page.
     *
     * @param after {@link ArtifactPage#nextAfter()} of the page before; {@code null} for the first page
     * @param limit entries of a page, 1 to 1000
     */
    public ArtifactPage list(ArtifactUri prefix, String after, int limit) throws ArtifactException {
        if (limit < 1 || limit > 1000) {
            throw new IllegalArgumentException("expected a page of 1 to 1000 entries, found: " + limit);
        }
        return switch (prefix) {
            case S3 object -> s3.list(object, after, limit);
            case Web page -> web.list(page, after, limit);
            case LocalFile file -> files.list(file, after, limit);
        };
    }

    /** Removes an artifact. That it isn't there is no failure. */
    public void delete(ArtifactUri uri) throws ArtifactException {
        switch (uri) {
            case S3 object -> s3.delete(object);
            case Web page -> web.delete(page);
            case LocalFile file -> files.delete(file);
        }
    }

    @Override
    public void close() {
        s3.close();
        web.close();
        files.close();
    }

    private record FileSink(FileChannel channel, Path target) implements Transfer.Sink {
        @Override
        public void write(long position, byte[] buffer, int length) throws ArtifactException {
            try {
                var bytes = ByteBuffer.wrap(buffer, 0, length);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            } catch (IOException e) {
                throw failed(e);
            }
        }

        @Override
        public void restart() throws ArtifactException {
            try {
                channel.truncate(0).position(0);
            } catch (IOException e) {
                throw failed(e);
            }
        }

        private ArtifactException failed(IOException e) {
            return new ArtifactException(
                    Kind.Local, "writing " + target + " failed: " + Failures.words(e) + "; is the disk full?", e);
        }
    }

    private static final class MemorySink implements Transfer.Sink {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public void write(long position, byte[] buffer, int length) {
            bytes.write(buffer, 0, length);
        }

        @Override
        public void restart() {
            bytes.reset();
        }
    }

    private record NoSink() implements Transfer.Sink {
        @Override
        public void write(long position, byte[] buffer, int length) {
            // The digest is all that is wanted.
        }

        @Override
        public void restart() {
            // Nothing was kept.
        }
    }
}
