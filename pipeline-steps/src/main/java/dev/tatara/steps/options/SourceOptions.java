package dev.tatara.steps.options;

import dev.tatara.artifacts.StoreSettings;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where a step's input lies and how to be let in. */
public final class SourceOptions {
    @Option(
            names = "--source",
            required = true,
            paramLabel = "URI",
            description = "What to read: s3://bucket/key, https://host/path, file:///path or mlflow://model/version.")
    private String uri;

    @Mixin
    private SourceSecretOptions secret = new SourceSecretOptions();

    /** The source's address as it was given. */
    public String uri() {
        return uri;
    }

    /** The Secret's folder, where one was named or is mounted. */
    public Optional<Path> folder() {
        return secret.folder();
    }

    /** How messages call that Secret; nothing where nobody says. */
    public Optional<String> secretName() {
        return secret.secretName();
    }

    /** How to reach it: by a Secret of its own, else as the store is reached. */
    public StoreSettings settings(StoreSettings store) {
        return secret.settings(store);
    }
}
