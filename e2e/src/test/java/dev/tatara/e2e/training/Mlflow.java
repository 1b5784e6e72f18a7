package dev.tatara.e2e.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A real MLflow server on the machine of the tests, and a Service of the namespace by which pods reach it. Until it is
 * started nobody answers there.
 */
public final class Mlflow implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern LISTENS = Pattern.compile("https?://[^\\s:]+:(\\d+)");
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final TestNamespace namespace;
    private final Path folder;
    private Process server;
    private URI address;

    public Mlflow(TestNamespace namespace) {
        this.namespace = namespace;
        try {
            this.folder = Files.createTempDirectory("mlflow-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where pods look for it. */
    public String uri() {
        return "http://mlflow." + namespace.name() + ".svc:5000";
    }

    /** Makes the Service, behind which there is nothing. */
    public void announce() {
        namespace.apply("""
            apiVersion: v1
            kind: Service
            metadata: {name: mlflow}
            spec: {ports: [{name: http, port: 5000}]}
            """);
    }

    /** Starts the server and leads the Service to it. */
    public void start() {
        var host = environment("TATARA_HOST_ADDRESS", "hack/cluster env");
        try {
            var log = folder.resolve("log");
            var builder = new ProcessBuilder(
                            environment("TATARA_MLFLOW_PYTHON", "hack/tools mlflow"),
                            "-m",
                            "mlflow",
                            "server",
                            "--host",
                            host,
                            "--port",
                            "0",
                            "--workers",
                            "1",
                            "--allowed-hosts",
                            "*",
                            "--backend-store-uri",
                            "sqlite:///" + folder.resolve("mlflow.db"),
                            "--artifacts-destination",
                            folder.resolve("artifacts").toString())
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("MLFLOW_"));
            builder.environment()
                    .putAll(Map.of(
                            "MLFLOW_DISABLE_TELEMETRY", "true", "DO_NOT_TRACK", "true", "PYTHONUNBUFFERED", "1"));
            server = builder.start();
            await("MLflow").atMost(LIMIT).until(() -> {
                assertThat(server.isAlive()).as(Files.readString(log)).isTrue();
                return portIn(log).isPresent();
            });
            address = URI.create("http://" + host + ":" + portIn(log).orElseThrow());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        namespace.apply("""
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: mlflow, labels: {kubernetes.io/service-name: mlflow}}
            addressType: IPv4
            endpoints: [{addresses: ["%s"], conditions: {ready: true}}]
            ports: [{name: http, port: %d}]
            """.formatted(address.getHost(), address.getPort()));
    }

    /** The runs of an experiment, as MLflow has them. */
    public List<JsonNode> runs(String experiment) {
        var id = get("experiments/get-by-name?experiment_name=" + experiment)
                .at("/experiment/experiment_id")
                .asText();
        var runs = send("runs/search", Map.of("experiment_ids", List.of(id))).path("runs");
        return runs.valueStream().toList();
    }

    /** A version of a registered model, by its alias. */
    public JsonNode version(String model, String alias) {
        return get("registered-models/alias?name=" + model + "&alias=" + alias).path("model_version");
    }

    private JsonNode get(String call) {
        return answer(HttpRequest.newBuilder(api(call)));
    }

    private JsonNode send(String call, Object body) {
        try {
            return answer(HttpRequest.newBuilder(api(call))
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString(JSON.writeValueAsString(body))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private URI api(String call) {
        return address.resolve("/api/2.0/mlflow/" + call);
    }

    private static JsonNode answer(HttpRequest.Builder request) {
        try (var http = HttpClient.newHttpClient()) {
            var response = http.send(request.timeout(Duration.ofSeconds(30)).build(), BodyHandlers.ofString());
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking MLflow", e);
        }
    }

    private static Optional<Integer> portIn(Path log) throws IOException {
        return Files.readAllLines(log).stream()
                .filter(line -> line.contains("running on"))
                .flatMap(line -> LISTENS.matcher(line).results())
                .map(found -> Integer.valueOf(found.group(1)))
                .findFirst();
    }

    private static String environment(String variable, String source) {
        return Optional.ofNullable(System.getenv(variable))
                .filter(value -> !value.isBlank())
                .orElseThrow(() -> new IllegalStateException(
                        "expected " + variable + " as " + source + " prints it, found none: run hack/verify --e2e"));
    }

    @Override
    public void close() {
        if (server != null) {
            // The workers first: without their parent they would go on.
            server.descendants().forEach(ProcessHandle::destroyForcibly);
            server.destroyForcibly();
        }
    }
}
