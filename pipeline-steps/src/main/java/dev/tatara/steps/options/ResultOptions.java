package dev.tatara.steps.options;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where a step leaves its result. */
public final class ResultOptions {
    @Option(
            names = "--result-key",
            paramLabel = "KEY",
            description = "Where below the store the result is written. A result that is there already is returned"
                    + " without doing the work again. Default: written nowhere in the store.")
    private String key;

    @Mixin
    private TerminationOptions termination;

    @Option(names = "--force", description = "Do the work even where a result is there already.")
    private boolean force;

    public Optional<String> key() {
        return Optional.ofNullable(key);
    }

    public Optional<Path> terminationMessage() {
        return termination.file();
    }

    public boolean isForced() {
        return force;
    }
}
