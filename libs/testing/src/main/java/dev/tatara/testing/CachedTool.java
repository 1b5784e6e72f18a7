package dev.tatara.testing;

import java.nio.file.Files;
import java.nio.file.Path;

/** Programs that {@code hack/tools} builds and keeps in the cache, at a place that doesn't depend on their versions. */
public final class CachedTool {
    private CachedTool() {}

    /**
     * Where a program is.
     *
     * @param tool as {@code hack/tools} calls it, {@code prometheus} for example; the system property
     *     {@code tatara.<tool>.dir} names another folder
     * @param program its file
     * @throws IllegalStateException if it is missing; the message has the command that installs it
     */
    public static Path of(String tool, String program) {
        var file = locate(tool).resolve(program);
        if (!Files.isExecutable(file)) {
            throw new IllegalStateException("expected the program " + file + ", found none: run hack/tools " + tool);
        }
        return file;
    }

    /**
     * Where the files of a tool that is no program are.
     *
     * @param tool as {@code hack/tools} calls it, {@code gateway-api} for example; the system property
     *     {@code tatara.<tool>.dir} names another folder
     * @throws IllegalStateException if it is missing; the message has the command that installs it
     */
    public static Path folder(String tool) {
        var folder = locate(tool);
        if (!Files.isDirectory(folder)) {
            throw new IllegalStateException("expected the folder " + folder + ", found none: run hack/tools " + tool);
        }
        return folder;
    }

    private static Path locate(String tool) {
        var property = System.getProperty("tatara." + tool + ".dir", "");
        return property.isBlank() ? cache().resolve(tool).resolve("current") : Path.of(property);
    }

    private static Path cache() {
        var home = System.getenv("XDG_CACHE_HOME");
        var base = home == null || home.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(home);
        return base.resolve("tatara");
    }
}
