package dev.tatara.runtime.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Runs a script of src/test/clients with the inference clients that people use. The Python comes from {@code hack/tools
 * clients}; another one can be named by the system property {@code tatara.test.python}.
 */
final class PythonClient {
    private static final Duration GENEROUS = Duration.ofMinutes(3);

    private PythonClient() {}

    /**
     * Runs it to its end, which must be a good one.
     *
     * @param script its file's name
     * @return what it printed, errors included
     */
    static String run(String script, String... arguments) throws InterruptedException {
        try {
            Path log = Files.createTempFile("client-", ".log");
            try {
                Process process = launch(log, script, arguments);
                if (!process.waitFor(GENEROUS.toSeconds(), TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError(script + " goes on and on:\n" + Files.readString(log));
                }
                if (process.exitValue() != 0) {
                    throw new AssertionError(
                            script + " ended with " + process.exitValue() + ":\n" + Files.readString(log));
                }
                return Files.readString(log);
            } finally {
                Files.deleteIfExists(log);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it and doesn't wait. */
    static Process launch(Path log, String script, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                python().toString(),
                "-W",
                "ignore",
                Path.of(System.getProperty("tatara.test.clients"), script).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(log.toFile());
        // The clients talk to this machine only, whatever proxy the shell has.
        builder.environment().put("no_proxy", "*");
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        return builder.start();
    }

    private static Path python() {
        String named = System.getProperty("tatara.test.python", "");
        Path python = named.isEmpty() ? cached() : Path.of(named);
        if (!Files.isExecutable(python)) {
            throw new IllegalStateException("expected a Python with inference clients at " + python
                    + ", found none: run hack/tools clients, or set -Dtatara.test.python");
        }
        return python;
    }

    private static Path cached() {
        Path cache = Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                .filter(folder -> !folder.isEmpty())
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"));
        return cache.resolve(Path.of("tatara", "clients", "current", "bin", "python"));
    }
}
