package dev.tatara.steps.options;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where a step leaves the short form of its result. */
public final class TerminationOptions {
    private static final Path KUBERNETES_DEFAULT = Path.of("/dev/termination-log");

    @Option(
            names = "--termination-message",
            paramLabel = "FILE",
            description = "File for the short form of the result, at most 4096 bytes."
                    + " Default: /dev/termination-log where it exists.")
    private Path file;

    public Optional<Path> file() {
        return Optional.ofNullable(file)
                .or(() -> Optional.of(KUBERNETES_DEFAULT).filter(Files::isRegularFile));
    }
}
