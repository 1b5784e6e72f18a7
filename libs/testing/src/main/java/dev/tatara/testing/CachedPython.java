package dev.tatara.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The Pythons that {@code hack/tools} installs with what scripts of tests need; see {@link CachedTool}. */
public final class CachedPython {
    private CachedPython() {}

    /**
     * A command that talks to this machine only, whatever proxy the shell has, and leaves nothing behind.
     *
     * @param tool as {@code hack/tools} calls it, {@code feast} for example
     * @param arguments a script and its arguments, say
     * @throws IllegalStateException if it is missing; the message has the command that installs it
     */
    public static ProcessBuilder command(String tool, String... arguments) {
        var command = new ArrayList<>(List.of(CachedTool.of(tool, "bin/python").toString(), "-W", "ignore"));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command);
        var environment = builder.environment();
        environment.put("PYTHONDONTWRITEBYTECODE", "1");
        environment.put("PYTHONIOENCODING", "utf-8");
        environment.put("DO_NOT_TRACK", "true");
        environment.put("no_proxy", "*");
        return builder;
    }

    /**
     * Runs a command to its end, which must be a good one.
     *
     * @return what it printed, without its errors
     * @throws AssertionError with its errors, where it ends badly or not within the limit
     */
    public static String run(ProcessBuilder command, Duration limit) throws InterruptedException {
        try {
            var out = Files.createTempFile("python-", ".out");
            var log = Files.createTempFile("python-", ".log");
            try {
                var process = command.redirectOutput(out.toFile())
                        .redirectError(log.toFile())
                        .start();
                if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw failed("goes on and on", command, out, log);
                }
                if (process.exitValue() != 0) {
                    throw failed("ended with " + process.exitValue(), command, out, log);
                }
                return Files.readString(out);
            } finally {
                Files.deleteIfExists(out);
                Files.deleteIfExists(log);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static AssertionError failed(String how, ProcessBuilder command, Path out, Path log) throws IOException {
        return new AssertionError(String.join(" ", command.command()) + " " + how + ":\n" + Files.readString(log)
                + Files.readString(out));
    }
}
