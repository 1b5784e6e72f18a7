package dev.tatara.mlflow.testing;

import dev.tatara.testing.CachedPython;
import dev.tatara.testing.LocalServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A real MLflow server on a port of its own, with its database and its artifacts in a folder that goes with it. The Python
 * comes from {@code hack/tools mlflow}.
 */
public final class MlflowServer implements AutoCloseable {
    private static final Duration GENEROUS = Duration.ofMinutes(5);

    private final LocalServer server;
    private final List<String> options;

    private MlflowServer(LocalServer server, List<String> options) {
        this.server = server;
        this.options = options;
    }

    /** A server that gives and takes its runs' artifacts. */
    public static MlflowServer start() {
        var server = LocalServer.named("MLflow");
        return start(
                server,
                List.of(
                        "--artifacts-destination",
                        server.folder().resolve("artifacts").toString()));
    }

    /** A server whose runs' artifacts lie somewhere else, for its clients to see to. */
    public static MlflowServer startWithArtifactsAt(String root) {
        return start(LocalServer.named("MLflow"), List.of("--no-serve-artifacts", "--default-artifact-root", root));
    }

    private static MlflowServer start(LocalServer server, List<String> options) {
        var mlflow = new MlflowServer(server, options);
        mlflow.restart();
        return mlflow;
    }

    /** Starts it, with what it had, and waits until it answers. */
    public void restart() {
        var arguments = new ArrayList<>(List.of(
                "-m",
                "mlflow",
                "server",
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(server.port()),
                "--workers",
                "1",
                "--backend-store-uri",
                "sqlite:///" + server.folder().resolve("mlflow.db")));
        arguments.addAll(options);
        server.start(python(arguments), GENEROUS, this::answers);
    }

    /** From now on connections are refused. */
    public void stop() {
        server.stop();
    }

    public int port() {
        return server.port();
    }

    public String uri() {
        return "http://127.0.0.1:" + server.port();
    }

    /** Runs a script with MLflow's own client, and gives what it prints. */
    public String python(Path script, String... arguments) {
        var command = new ArrayList<>(List.of(script.toAbsolutePath().toString()));
        command.addAll(List.of(arguments));
        var client = python(command);
        client.environment().put("MLFLOW_TRACKING_URI", uri());
        try {
            return CachedPython.run(client, GENEROUS);
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + server.log(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private ProcessBuilder python(List<String> arguments) {
        var command = CachedPython.command("mlflow", arguments.toArray(String[]::new))
                .directory(server.folder().toFile());
        var environment = command.environment();
        environment.keySet().removeIf(name -> name.startsWith("MLFLOW_"));
        environment.put("MLFLOW_DISABLE_TELEMETRY", "true");
        environment.put("ORT_DISABLE_TELEMETRY", "1");
        return command;
    }

    @Override
    public void close() {
        server.close();
    }

    private boolean answers() {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create(uri() + "/health"))
                    .timeout(Duration.ofSeconds(10))
                    .build();
            return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
