package dev.tatara.steps.options;

import dev.tatara.artifacts.StoreSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where a step's input lies and how to be let in. */
public final class SourceOptions {
    /** Where Jobs have the source's Secret mounted. */
    static final Path MOUNTED_SECRET = Path.of("/tatara/secrets/source");

    @Option(
            names = "--source",
            required = true,
            paramLabel = "URI",
            description = "What to read: s3://bucket/key, https://host/path, file:///path or mlflow://model/version.")
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

    /** The Secret's folder, where one was named or is mounted. */
    public Optional<Path> folder() {
        if (credentials != null) {
            return Optional.of(credentials);
        }
        return secretName != null || Files.isDirectory(MOUNTED_SECRET) ? Optional.of(MOUNTED_SECRET) : Optional.empty();
    }

    /** How messages call that Secret; nothing where nobody says. */
    public Optional<String> secretName() {
        return Optional.ofNullable(secretName);
    }

    /** How to reach it: by a Secret of its own, else as the store is reached. */
    public StoreSettings settings(StoreSettings store) {
        // The store's keys may sign S3 requests; to a web server they would say nothing.
        return folder().map(folder -> StoreSettings.defaults().withCredentials(folder, secretName))
                .orElse(store);
    }
}
