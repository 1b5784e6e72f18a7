package dev.tatara.steps.options;

import dev.tatara.artifacts.StoreSettings;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where the artifact store is and how to be let in. */
public final class StoreOptions {
    /** Where Jobs have the store's Secret mounted. */
    static final Path MOUNTED_SECRET = Path.of("/tatara/secrets/store");

    @Option(
            names = "--store",
            required = true,
            paramLabel = "URI",
            description = "Artifact store: s3://bucket/prefix or file:///folder.")
    private String uri;

    @Option(
            names = "--store-endpoint",
            paramLabel = "URL",
            defaultValue = "${env:TATARA_STORE_ENDPOINT}",
            description =
                    "Where the store speaks S3, unless its Secret says so. Default: TATARA_STORE_ENDPOINT, else AWS.")
    private String endpoint;

    @Option(
            names = "--store-credentials",
            paramLabel = "FOLDER",
            description =
                    "Mounted Secret of the store, one file per key. Default: /tatara/secrets/store where it exists,"
                            + " else the environment.")
    private Path credentials;

    @Option(names = "--store-secret-name", paramLabel = "NAME", description = "How messages call that Secret.")
    private String secretName;

    /** The store's address as it was given. */
    public String uri() {
        return uri;
    }

    /** How to reach it. */
    public StoreSettings settings() {
        var settings = StoreSettings.defaults();
        if (endpoint != null && !endpoint.isBlank()) {
            settings = settings.withEndpoint(URI.create(endpoint.strip()));
        }
        var folder = credentials == null && Files.isDirectory(MOUNTED_SECRET) ? MOUNTED_SECRET : credentials;
        return folder == null && secretName == null
                ? settings
                : settings.withCredentials(folder == null ? MOUNTED_SECRET : folder, secretName);
    }
}
