package dev.tatara.steps.options;

import dev.tatara.artifacts.StoreSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How a step is let in where its input lies. */
public final class SourceSecretOptions {
    /** Where Jobs have the source's Secret mounted. */
    private static final Path MOUNTED_SECRET = Path.of("/tatara/secrets/source");

    @Option(
            names = "--source-credentials",
            paramLabel = "FOLDER",
            description = "Mounted Secret of the source, one file per key. Default: /tatara/secrets/source where it"
                    + " exists, else the store's credentials for s3:// and none for others.")
    private Path credentials;

    @Option(names = "--source-secret-name", paramLabel = "NAME", description = "How messages call that Secret.")
    private String secretName;

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

    /** How to reach files: by a Secret of its own, else as the store is reached. */
    public StoreSettings settings(StoreSettings store) {
        // The store's keys may sign S3 requests; to a web server they would say nothing.
        return folder().map(folder -> StoreSettings.defaults().withCredentials(folder, secretName))
                .orElse(store);
    }
}
