package dev.tatara.artifacts;

import dev.tatara.artifacts.ArtifactException.Kind;
import dev.tatara.artifacts.ArtifactUri.LocalFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Artifacts as files. An upload goes to a hidden file beside its target, is flushed to the disk and renamed: readers
 * see all of it or nothing, and what a killed writer leaves behind never shows in a listing.
 */
final class FileBackend implements Backend<LocalFile> {
    static final String UPLOAD_PREFIX = ".upload-";
    private static final Comparator<String> BY_UTF8_BYTES = Comparator.comparing(
            name -> name.getBytes(StandardCharsets.UTF_8), (left, right) -> Arrays.compareUnsigned(left, right));

    @Override
    public ArtifactEntry stat(LocalFile uri) throws ArtifactException {
        try {
            var attributes = Files.readAttributes(uri.path(), BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                throw new ArtifactException(Kind.NotFound, "expected a file at " + uri + ", found a folder");
            }
            return new ArtifactEntry(
                    uri, attributes.size(), attributes.lastModifiedTime().toInstant());
        } catch (IOException e) {
            throw reading(uri, e);
        }
    }

    @Override
    public Opened open(LocalFile uri, long offset, String tag) throws ArtifactException {
        var entry = stat(uri);
        try {
            // Closed by the reader of Opened.
            var body = Files.newInputStream(uri.path());
            body.skipNBytes(offset);
            return new Opened(body, offset, entry.sizeBytes(), null);
        } catch (IOException e) {
            throw reading(uri, e);
        }
    }

    @Override
    public void put(LocalFile uri, Content content) throws ArtifactException {
        publish(uri, content, (upload, target) -> {
            Files.move(upload, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return true;
        });
    }

    @Override
    public boolean putIfAbsent(LocalFile uri, Content content) throws ArtifactException {
        if (Files.exists(uri.path())) {
            return false;
        }
        return publish(uri, content, FileBackend::linkIfAbsent);
    }

    /** A hard link appears at once and only where nothing is; a rename would replace. */
    private static boolean linkIfAbsent(Path upload, Path target) throws IOException {
        try {
            Files.createLink(target, upload);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (UnsupportedOperationException | IOException e) {
            // A file system without hard links (some network volumes). Between the question and the rename another
            // writer may publish; the file is whole all the same, the last writer's.
            if (Files.exists(target)) {
                return false;
            }
            Files.move(upload, target, StandardCopyOption.ATOMIC_MOVE);
            return true;
        }
    }

    private static boolean publish(LocalFile uri, Content content, Publication publication) throws ArtifactException {
        var target = uri.path();
        var folder = target.getParent();
        if (folder == null) {
            throw new ArtifactException(Kind.Unsupported, "expected a file to write, found the root folder");
        }
        try {
            Files.createDirectories(folder);
            var upload = folder.resolve(UPLOAD_PREFIX + UUID.randomUUID());
            try {
                writeThrough(upload, content);
                var published = publication.publish(upload, target);
                try (var directory = FileChannel.open(folder, StandardOpenOption.READ)) {
                    directory.force(true);
                }
                return published;
            } finally {
                Files.deleteIfExists(upload);
            }
        } catch (AccessDeniedException e) {
            throw new ArtifactException(
                    Kind.AccessDenied, "this user may not write " + uri + " (" + e.getFile() + ")", e);
        } catch (IOException e) {
            throw new ArtifactException(
                    Kind.Local, "writing " + uri + " failed: " + Failures.words(e) + "; is the disk full?", e);
        }
    }

    private static void writeThrough(Path upload, Content content) throws IOException {
        var digest = Sha256.newDigest();
        var buffer = new byte[Sha256.BUFFER_BYTES];
        try (var in = content.open(0);
                var out = FileChannel.open(upload, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int n; (n = in.read(buffer)) >= 0; ) {
                digest.update(buffer, 0, n);
                var bytes = ByteBuffer.wrap(buffer, 0, n);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
            }
            out.force(true);
        }
        if (!Sha256.hex(digest).equals(content.digested().sha256())) {
            throw new IOException("the content changed while it was being published");
        }
    }

    @Override
    public ArtifactPage list(LocalFile prefix, String after, int limit) throws ArtifactException {
        var found = new TreeMap<String, ArtifactEntry>(BY_UTF8_BYTES);
        var root = prefix.path();
        try {
            if (Files.isDirectory(root)) {
                Files.walkFileTree(root, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        var name = file.getFileName();
                        if (!attributes.isRegularFile()
                                || name == null
                                || name.toString().startsWith(UPLOAD_PREFIX)) {
                            return FileVisitResult.CONTINUE;
                        }
                        var relative = root.relativize(file).toString();
                        if (after == null || BY_UTF8_BYTES.compare(relative, after) > 0) {
                            found.put(relative, entry(file, attributes));
                            if (found.size() > limit + 1) {
                                found.pollLastEntry();
                            }
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                        // Deleted while we were walking: not there any more.
                        if (e instanceof NoSuchFileException) {
                            return FileVisitResult.CONTINUE;
                        }
                        throw e;
                    }
                });
            }
        } catch (IOException e) {
            throw reading(prefix, e);
        }
        String next = null;
        if (found.size() > limit) {
            found.pollLastEntry();
            next = found.lastKey();
        }
        return new ArtifactPage(found.values().stream().toList(), next);
    }

    private static ArtifactEntry entry(Path file, BasicFileAttributes attributes) {
        var modified = attributes.lastModifiedTime();
        return new ArtifactEntry(
                new LocalFile(file), attributes.size(), modified == null ? Instant.EPOCH : modified.toInstant());
    }

    @Override
    public void delete(LocalFile uri) throws ArtifactException {
        try {
            Files.deleteIfExists(uri.path());
        } catch (IOException e) {
            throw reading(uri, e);
        }
    }

    @Override
    public void close() {
        // Nothing is held open.
    }

    private static ArtifactException reading(LocalFile uri, IOException e) {
        return switch (e) {
            case ArtifactException known -> known;
            case NoSuchFileException none ->
                new ArtifactException(Kind.NotFound, "expected a file at " + uri + ", found none", none);
            case AccessDeniedException denied ->
                new ArtifactException(Kind.AccessDenied, "this user may not read or delete " + uri, denied);
            default -> new ArtifactException(Kind.Unavailable, uri + ": " + Failures.words(e), e);
        };
    }

    @FunctionalInterface
    private interface Publication {
        boolean publish(Path upload, Path target) throws IOException;
    }
}
