package dev.tatara.steps.training;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The files of a folder that are kept: the first ones by name, within bounds. Links aren't followed, because they may
 * lead to what isn't the trainer's.
 *
 * @param kept in the order of their names
 * @param leftOut how many aren't kept
 * @param examples some of those, each with the reason
 */
record ArtifactFiles(List<Kept> kept, int leftOut, List<String> examples) {
    private static final int MOST_EXAMPLES = 3;
    private static final int LONGEST_KEY = 512;
    private static final int LONGEST_NAME = 200;

    ArtifactFiles {
        kept = List.copyOf(kept);
        examples = List.copyOf(examples);
    }

    /**
     * A file that is kept.
     *
     * @param name its path below the folder, with slashes
     * @param bytes its length
     */
    record Kept(String name, Path file, long bytes) {}

    /** The lengths of all that is kept. */
    long bytes() {
        return kept.stream().mapToLong(Kept::bytes).sum();
    }

    /**
     * Looks through a folder, which need not be there.
     *
     * @param mostFiles how many are kept at most
     * @param mostBytes how long they are together at most
     */
    static ArtifactFiles of(Path folder, int mostFiles, long mostBytes) throws IOException {
        var search = new Search(folder, mostFiles);
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.walkFileTree(folder, search);
        } else if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            search.leaveOut(String.valueOf(folder.getFileName()), "no folder");
        }
        var kept = new ArrayList<Kept>();
        var room = mostBytes;
        for (var file : search.first.values()) {
            if (file.bytes() <= room) {
                kept.add(file);
                room -= file.bytes();
            } else {
                search.leaveOut(file.name(), "more than %d bytes together".formatted(mostBytes));
            }
        }
        return new ArtifactFiles(kept, search.leftOut, search.examples);
    }

    /** Keeps no more than it has to, however many files there are. */
    private static final class Search extends SimpleFileVisitor<Path> {
        private final Path folder;
        private final int mostFiles;
        private final TreeMap<String, Kept> first = new TreeMap<>();
        private final List<String> examples = new ArrayList<>();
        private int leftOut;

        Search(Path folder, int mostFiles) {
            this.folder = folder;
            this.mostFiles = mostFiles;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            var name = folder.relativize(file).toString();
            if (!attributes.isRegularFile()) {
                leaveOut(name, attributes.isSymbolicLink() ? "a link" : "no regular file");
            } else if (!isKey(name)) {
                leaveOut(name, "a name that is too long, or has characters that no key should have");
            } else if (!Files.isReadable(file)) {
                leaveOut(name, "not readable for this user");
            } else {
                first.put(name, new Kept(name, file, attributes.size()));
                if (first.size() > mostFiles) {
                    leaveOut(first.pollLastEntry().getKey(), "more than %d files".formatted(mostFiles));
                }
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            leaveOut(folder.relativize(file).toString(), "not readable for this user");
            return FileVisitResult.CONTINUE;
        }

        void leaveOut(String name, String why) {
            leftOut++;
            if (examples.size() < MOST_EXAMPLES) {
                var shown = name.replaceAll("[\\p{Cntrl}\\\\]", "?");
                examples.add((shown.length() <= 80 ? shown : shown.substring(0, 80) + "…") + " (" + why + ")");
            }
        }

        private static boolean isKey(String path) {
            if (path.getBytes(StandardCharsets.UTF_8).length > LONGEST_KEY) {
                return false;
            }
            // U+FFFD stands where a name's bytes are no text: two such names could be the same key.
            if (path.chars().anyMatch(c -> Character.isISOControl(c) || c == '\\' || c == '\uFFFD')) {
                return false;
            }
            for (var name : path.split("/", -1)) {
                // Files that begin so are invisible uploads to a store of files.
                if (name.startsWith(".upload-") || name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
                    return false;
                }
            }
            return true;
        }
    }
}
