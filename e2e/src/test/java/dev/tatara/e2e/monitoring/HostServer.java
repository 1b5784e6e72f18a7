package dev.tatara.e2e.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A program of hack/tools on this machine, on a free port of the loopback interface. */
final class HostServer implements AutoCloseable {
    private static final Pattern PORT = Pattern.compile("Listening on.*?127\\.0\\.0\\.1:(\\d+)");
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final Process process;
    private final Path log;
    private final URI address;

    private HostServer(Process process, Path log) {
        this.process = process;
        this.log = log;
        this.address = URI.create("http://127.0.0.1:" + awaitPort());
    }

    /**
     * Starts a program and waits until it says where it listens.
     *
     * @param tool as hack/tools calls it; TATARA_&lt;TOOL&gt; says where it is
     * @param folder where its log goes
     */
    static HostServer start(String tool, Path folder, String... arguments) {
        var variable = "TATARA_" + tool.toUpperCase(Locale.ROOT);
        var place = System.getenv(variable);
        if (place == null || place.isBlank()) {
            throw new IllegalStateException(
                    "expected the folder of %s in %s, found none: run hack/verify --e2e, or".formatted(tool, variable)
                            + " export %s=$(hack/tools %s)".formatted(variable, tool));
        }
        var command = new ArrayList<>(List.of(Path.of(place, tool).toString()));
        command.addAll(List.of(arguments));
        command.add("--web.listen-address=127.0.0.1:0");
        var log = folder.resolve(tool + ".log");
        try {
            return new HostServer(
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start(),
                    log);
        } catch (IOException e) {
            throw new UncheckedIOException("can't start " + command, e);
        }
    }

    URI address() {
        return address;
    }

    private int awaitPort() {
        await("port of " + log).atMost(LIMIT).until(() -> {
            assertThat(process.isAlive()).as(text()).isTrue();
            return PORT.matcher(text()).find();
        });
        var matcher = PORT.matcher(text());
        assertThat(matcher.find()).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    private String text() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
