package dev.tatara.steps.feedback;

import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import dev.tatara.steps.StoreFolder.Entry;
import dev.tatara.steps.Waiting;
import dev.tatara.steps.tables.QueryFailure;
import dev.tatara.steps.tables.SqlWords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;

/** Fetches many files a piece at a time, so that the disk holds a piece of them. */
final class FilePieces {
    private static final int MOST_FILES = 500;
    private static final long MOST_BYTES = 256L << 20;
    private static final int AT_ONCE = 16;

    private final StoreFolder files;
    private final Path folder;
    private final List<String> damaged = new ArrayList<>();

    /**
     * @param folder where fetched files lie for a while
     */
    FilePieces(StoreFolder files, Path folder) {
        this.files = files;
        this.folder = folder;
    }

    /** Takes files into tables, all or nothing. */
    @FunctionalInterface
    interface Loader {
        void load(List<Path> files) throws SQLException;
    }

    /** Files that can't be read, with the reason. */
    List<String> damaged() {
        return List.copyOf(damaged);
    }

    /** Loads files; one that can't be read is named and left out. */
    void read(List<Entry> entries, Loader loader) throws StepFailure, IOException {
        Files.createDirectories(folder);
        var piece = new ArrayList<Entry>();
        long bytes = 0;
        for (var entry : entries) {
            if (!piece.isEmpty() && (piece.size() == MOST_FILES || bytes + entry.sizeBytes() > MOST_BYTES)) {
                readPiece(piece, loader);
                piece.clear();
                bytes = 0;
            }
            piece.add(entry);
            bytes += entry.sizeBytes();
        }
        if (!piece.isEmpty()) {
            readPiece(piece, loader);
        }
    }

    private void readPiece(List<Entry> piece, Loader loader) throws StepFailure, IOException {
        var paths = IntStream.range(0, piece.size())
                .mapToObj(position -> path(piece, position))
                .toList();
        try {
            fetch(piece, paths);
            load(piece, paths, loader);
        } finally {
            for (var path : paths) {
                Files.deleteIfExists(path);
            }
        }
    }

    /** The ending tells how a file is compressed. */
    private Path path(List<Entry> piece, int position) {
        var key = piece.get(position).key();
        var name = key.substring(key.lastIndexOf('/') + 1);
        var dot = name.indexOf('.', Math.max(0, name.lastIndexOf('-')));
        return folder.resolve(position + (dot < 0 ? "" : name.substring(dot)));
    }

    private void fetch(List<Entry> piece, List<Path> paths) throws StepFailure {
        var free = new Semaphore(AT_ONCE);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var waiting = new ArrayList<Future<?>>();
            for (int i = 0; i < piece.size(); i++) {
                var key = piece.get(i).key();
                var path = paths.get(i);
                waiting.add(threads.submit(() -> {
                    free.acquire();
                    try {
                        return files.download(key, path);
                    } finally {
                        free.release();
                    }
                }));
            }
            for (var future : waiting) {
                Waiting.on(future);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw StepFailure.failed("Interrupted", "stopped while files were fetched", e);
        }
    }

    private void load(List<Entry> entries, List<Path> paths, Loader loader) throws StepFailure {
        try {
            loader.load(paths);
        } catch (SQLException e) {
            throwIfAround(e);
            if (paths.size() == 1) {
                damaged.add(entries.getFirst().key() + ": " + SqlWords.of(e, false));
                return;
            }
            for (int i = 0; i < paths.size(); i++) {
                load(entries.subList(i, i + 1), paths.subList(i, i + 1), loader);
            }
        }
    }

    private static void throwIfAround(SQLException e) throws StepFailure {
        var around = QueryFailure.aroundTheStep(e);
        if (around.isPresent()) {
            throw around.get();
        }
    }
}
