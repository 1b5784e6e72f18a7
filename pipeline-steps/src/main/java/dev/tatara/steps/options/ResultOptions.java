package dev.tatara.steps.options;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where a step leaves its result. */
public final class ResultOptions {
    private static final Path KUBERNETES_DEFAULT = Path.of("/dev/termination-log");

    @Option(
            names = "--result-key",
            paramLabel = "KEY",
            description = "Where below the store the result is written. A result that is there already is returned"
                    + " without doing the work again. Default: written nowhere in the store.")
    private String key;

    @Option(
            names = "--termination-message",
            paramLabel = "FILE",
            description = "File for the short form of the result, at most 4096 bytes."
                    + " Default: /dev/termination-log where it exists.")
    private Path terminationMessage;

    @Option(names = "--force", description = "Do the work even where a result is there already.")
    private boolean force;

    public Optional<String> key() {
        return Optional.ofNullable(key);
    }

    public Optional<Path> terminationMessage() {
        return Optional.ofNullable(terminationMessage)
                .or(() -> Optional.of(KUBERNETES_DEFAULT).filter(Files::isRegularFile));
    }

    public boolean isForced() {
        return force;
    }
}
