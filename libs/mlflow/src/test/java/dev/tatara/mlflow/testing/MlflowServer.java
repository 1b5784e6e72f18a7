package dev.tatara.mlflow.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A real MLflow server on a port of its own, with its database and its artifacts in a folder that goes with it. The Python
 * comes from {@code hack/tools mlflow}; another one can be named by the system property {@code tatara.test.mlflow.python}.
 */
public final class MlflowServer implements AutoCloseable {
    private static final Duration GENEROUS = Duration.ofMinutes(5);

    private final int port;
    private final Path folder;
    private final List<String> options;
    private Process process;

    private MlflowServer(int port, Path folder, List<String> options) {
        this.port = port;
        this.folder = folder;
        this.options = options;
    }

    /** A server that gives and takes its runs' artifacts. */
    public static MlflowServer start() {
        var folder = newFolder();
        return start(
                folder,
                List.of("--artifacts-destination", folder.resolve("artifacts").toString()));
    }

    /** A server whose runs' artifacts lie somewhere else, for its clients to see to. */
    public static MlflowServer startWithArtifactsAt(String root) {
        return start(newFolder(), List.of("--no-serve-artifacts", "--default-artifact-root", root));
    }

    private static MlflowServer start(Path folder, List<String> options) {
        var server = new MlflowServer(freePort(), folder, options);
        server.restart();
        return server;
    }

    /** Starts it, with what it had, and waits until it answers. */
    public void restart() {
        var command = new ArrayList<>(List.of(
                python().toString(),
                "-m",
                "mlflow",
                "server",
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--workers",
                "1",
                "--backend-store-uri",
                "sqlite:///" + folder.resolve("mlflow.db")));
        command.addAll(options);
        var log = folder.resolve("log");
        try {
            var builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            keepToThisMachine(builder);
            process = builder.start();
            var deadline = System.nanoTime() + GENEROUS.toNanos();
            while (!answers()) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    throw new IllegalStateException("MLflow doesn't start:\n" + Files.readString(log));
                }
                process.waitFor(100, TimeUnit.MILLISECONDS);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** From now on connections are refused. */
    public void stop() {
        // The workers first: without their parent they would go on.
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public int port() {
        return port;
    }

    public String uri() {
        return "http://127.0.0.1:" + port;
    }

    /** Runs a script with MLflow's own client, and gives what it prints. */
    public String python(Path script, String... arguments) {
        var command = new ArrayList<>(List.of(
                python().toString(), "-W", "ignore", script.toAbsolutePath().toString()));
        command.addAll(List.of(arguments));
        try {
            var out = Files.createTempFile(folder, "python", ".out");
            var log = Files.createTempFile(folder, "python", ".log");
            var builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(log.toFile());
            keepToThisMachine(builder);
            builder.environment().put("MLFLOW_TRACKING_URI", uri());
            var client = builder.start();
            if (!client.waitFor(GENEROUS.toSeconds(), TimeUnit.SECONDS)) {
                client.destroyForcibly();
                throw new IllegalStateException("MLflow's client goes on and on:\n" + Files.readString(log));
            }
            if (client.exitValue() != 0) {
                throw new IllegalStateException("MLflow's client ended with " + client.exitValue() + ":\n"
                        + Files.readString(log) + Files.readString(folder.resolve("log")));
            }
            return Files.readString(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void keepToThisMachine(ProcessBuilder builder) {
        var environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("MLFLOW_"));
        environment.put("MLFLOW_DISABLE_TELEMETRY", "true");
        environment.put("DO_NOT_TRACK", "true");
        environment.put("ORT_DISABLE_TELEMETRY", "1");
        environment.put("PYTHONDONTWRITEBYTECODE", "1");
        environment.put("PYTHONIOENCODING", "utf-8");
        // It talks to this machine only, whatever proxy the shell has.
        environment.put("no_proxy", "*");
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

    private boolean answers() throws InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create(uri() + "/health"))
                    .timeout(Duration.ofSeconds(10))
                    .build();
            return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private static Path newFolder() {
        try {
            return Files.createTempDirectory("mlflow-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path python() {
        var named = System.getProperty("tatara.test.mlflow.python", "");
        var python = named.isEmpty() ? cached() : Path.of(named);
        if (!Files.isExecutable(python)) {
            throw new IllegalStateException("expected a Python with MLflow at " + python
                    + ", found none: run hack/tools mlflow, or set -Dtatara.test.mlflow.python");
        }
        return python;
    }

    private static Path cached() {
        var cache = Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                .filter(home -> !home.isEmpty())
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"));
        return cache.resolve(Path.of("tatara", "mlflow", "current", "bin", "python"));
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
