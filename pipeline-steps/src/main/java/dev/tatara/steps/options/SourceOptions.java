package dev.tatara.steps.options;

import dev.tatara.artifacts.StoreSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a step's input lies and how to be let in. */
public final class SourceOptions {
    /** Where Jobs have the source's Secret mounted. */
    static final Path MOUNTED_SECRET = Path.of("/tatara/secrets/source");

    @Option(
            names = "--source",
            required = true,
            paramLabel = "URI",
            description = "What to read: s3://bucket/key, https://host/path or file:///path.")
    private String uri;

    @Option(
            names = "--source-credentials",
            paramLabel = "FOLDER",
            description = "Mounted Secret of the source, one file per key. Default: /tatara/secrets/source where it"
                    + " exists, else the store's credentials for s3:// and none for https://.")
    private Path credentials;

    @Option(names = "--source-secret-name", paramLabel = "NAME", description = "How messages call that Secret.")
    private String secretName;

    /** The source's address as it was given. */
    public String uri() {
        return uri;
    }

    /** How to reach it: by a Secret of its own, else as the store is reached. */
    public StoreSettings settings(StoreSettings store) {
        var folder = credentials == null && Files.isDirectory(MOUNTED_SECRET) ? MOUNTED_SECRET : credentials;
        if (folder == null && secretName == null) {
            // The store's keys may sign S3 requests; to a web server they would say nothing.
            return store;
        }
        return StoreSettings.defaults().withCredentials(folder == null ? MOUNTED_SECRET : folder, secretName);
    }
}
