package dev.tatara.chart;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Files of this repository that the tests read. */
final class Repository {
    static final Path CHART = root().resolve("charts/tatara");
    static final Path MANIFESTS = root().resolve("crds/manifests");
    static final Path SAMPLES = root().resolve("config/samples");
    static final Path CASES = root().resolve("charts/src/test/resources");

    private Repository() {}

    /** Files (or folders) directly in a folder whose names end in {@code suffix}, sorted; at least one. */
    static List<Path> in(Path folder, String suffix) {
        try (var files = Files.list(folder)) {
            var found = files.filter(file -> file.getFileName().toString().endsWith(suffix))
                    .sorted()
                    .toList();
            if (found.isEmpty()) {
                throw new IllegalStateException("expected files *" + suffix + " in " + folder + ", found none");
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path root() {
        for (var folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.isRegularFile(folder.resolve("hack/versions.env"))) {
                return folder;
            }
        }
        throw new IllegalStateException("expected the tests to run inside the repository, found "
                + Path.of("").toAbsolutePath());
    }
}
