package dev.tatara.runtime.it;

import dev.tatara.testing.CachedPython;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a script of src/test/clients with the inference clients that people use. The Python comes from {@code hack/tools
 * clients}.
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
        return CachedPython.run(command(script, arguments).redirectErrorStream(true), GENEROUS);
    }

    /** Starts it and doesn't wait. */
    static Process launch(Path log, String script, String... arguments) throws IOException {
        return command(script, arguments)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private static ProcessBuilder command(String script, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("tatara.test.clients"), script).toString());
        command.addAll(List.of(arguments));
        return CachedPython.command("clients", command.toArray(String[]::new));
    }
}
