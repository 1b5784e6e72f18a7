package dev.tatara.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A program that serves on a port of this machine, with a folder for what it keeps and for its log. The folder goes when
 * it is closed; the port stays the same as often as it is started.
 */
public final class LocalServer implements AutoCloseable {
    /** Below the ports that Linux gives to clients, so that none of them takes one before the server does. */
    private static final int FIRST_PORT = 15_000;

    private static final int PORTS = 15_000;
    private static final Duration LOOK = Duration.ofMillis(20);

    private final String name;
    private final int port = freePort();
    private final Path folder;
    private Process process;

    private LocalServer(String name, Path folder) {
        this.name = name;
        this.folder = folder;
    }

    /** One that isn't started yet. */
    public static LocalServer named(String name) {
        try {
            return new LocalServer(name, Files.createTempDirectory(name.toLowerCase(Locale.ROOT) + "-"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    public Path folder() {
        return folder;
    }

    /**
     * Starts it and waits until it answers.
     *
     * @throws IllegalStateException where it ends instead, or the time is over; the message has its log
     */
    public void start(ProcessBuilder program, Duration limit, BooleanSupplier answers) {
        try {
            process = program.redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile())
                    .start();
            var deadline = System.nanoTime() + limit.toNanos();
            while (!answers.getAsBoolean()) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    throw new IllegalStateException(name + " doesn't start:\n" + log());
                }
                process.waitFor(LOOK.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What it has said since its start. */
    public String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From now on connections are refused. */
    public void stop() {
        if (process == null) {
            return;
        }
        // The workers first: without their parent they would go on.
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop();
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A port on which nobody listens, and which no client is given. */
    public static int freePort() {
        for (var attempt = 0; attempt < 100; attempt++) {
            var port = FIRST_PORT + ThreadLocalRandom.current().nextInt(PORTS);
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException(
                "expected a free port from " + FIRST_PORT + " to " + (FIRST_PORT + PORTS) + ", found none in 100");
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
