package dev.tatara.e2e.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** A Prometheus that scrapes each second. */
public final class Prometheus implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HostServer server;
    private final HttpClient http = HttpClient.newHttpClient();

    private Prometheus(HostServer server) {
        this.server = server;
    }

    /** Starts one that tells an Alertmanager when rules fire about what a server of the test's own exports. */
    public static Prometheus alerting(Path folder, Gauges metrics, String rules, Alertmanager alertmanager) {
        write(folder.resolve("rules.yaml"), rules);
        return start(folder, """
                rule_files: [rules.yaml]
                alerting:
                  alertmanagers:
                    - static_configs: [{targets: ["%s"]}]
                scrape_configs:
                  - job_name: test
                    honor_labels: true
                    static_configs: [{targets: ["%s"]}]
                """.formatted(
                        alertmanager.address().getAuthority(), metrics.address().getAuthority()));
    }

    /**
     * Starts one that scrapes an operator and the serving pods of a service, with the labels that the documentation has
     * Prometheus give these.
     */
    public static Prometheus watching(Path folder, URI operator, List<Pod> serving) {
        var targets = serving.stream().map(Prometheus::target).collect(Collectors.joining("\n"));
        return start(folder, """
                scrape_configs:
                  - job_name: tatara-operator
                    honor_labels: true
                    static_configs: [{targets: ["%s"]}]
                  - job_name: tatara-serving
                    static_configs:
                """.formatted(operator.getAuthority()) + targets);
    }

    private static String target(Pod pod) {
        var port = pod.getSpec().getContainers().stream()
                .flatMap(container -> container.getPorts().stream())
                .filter(any -> any.getName().equals("serving"))
                .findFirst()
                .orElseThrow();
        return """
                  - targets: ["%s:%d"]
                    labels: {namespace: %s, service: %s, pod: %s}
            """.formatted(
                        pod.getStatus().getPodIP(),
                        port.getContainerPort(),
                        pod.getMetadata().getNamespace(),
                        pod.getMetadata().getLabels().get("mlops.tatara.dev/inferenceservice"),
                        pod.getMetadata().getName());
    }

    private static Prometheus start(Path folder, String configuration) {
        var file = write(
                folder.resolve("prometheus.yaml"),
                "global: {scrape_interval: 1s, evaluation_interval: 1s}\n" + configuration);
        return new Prometheus(HostServer.start(
                "prometheus",
                folder,
                "--config.file=" + file,
                "--storage.tsdb.path=" + folder.resolve("prometheus"),
                // Alerts are sent again so soon after they were.
                "--rules.alert.resend-delay=1s"));
    }

    private static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The series that an expression gives now. */
    public JsonNode query(String expression) {
        var address = server.address()
                .resolve("/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
        try {
            var answer = JSON.readTree(http.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString())
                    .body());
            if (!answer.path("status").asText().equals("success")) {
                throw new IllegalArgumentException(
                        "expected an expression that Prometheus understands, found: " + expression + ": " + answer);
            }
            return answer.at("/data/result");
        } catch (IOException e) {
            throw new UncheckedIOException("no answer from " + address, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking " + address, e);
        }
    }

    @Override
    public void close() {
        http.close();
        server.close();
    }
}
