package dev.tatara.e2e.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A classifier behind a service, asked as the Open Inference Protocol has it.
 *
 * @param service where the Service answers
 * @param model the registered model's name
 */
public record ServedClassifier(URI service, String model) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The labels that the model gives for rows of features. */
    public List<Long> labels(List<List<Double>> rows) {
        return ask(Map.of(
                "inputs",
                List.of(Map.of(
                        "name",
                        "features",
                        "datatype",
                        "FP32",
                        "shape",
                        List.of(rows.size(), rows.getFirst().size()),
                        "data",
                        rows.stream().flatMap(List::stream).toList()))));
    }

    /** The labels that the model gives for entities whose features the service looks up. */
    public List<Long> labelsOf(String joinKey, List<Long> entities) {
        return ask(Map.of("inputs", List.of(keys(joinKey, entities))));
    }

    /** The same under an id, by which {@link #tell} may say later what was true. */
    public List<Long> labelsOf(String id, String joinKey, List<Long> entities) {
        return ask(Map.of("id", id, "inputs", List.of(keys(joinKey, entities))));
    }

    /** The same while it may not be answered: status and body. */
    public String answerFor(String joinKey, List<Long> entities) {
        var response = send(infer(), Map.of("inputs", List.of(keys(joinKey, entities))));
        return response.statusCode() + " " + response.body();
    }

    /** Asks likewise under an id, and then lets the service know that each answer was right. */
    public void confirm(String id, String joinKey, List<Long> entities) {
        tell(id, labelsOf(id, joinKey, entities));
    }

    /** Lets the service know what was true of the rows of a request. */
    public void tell(String id, List<Long> truths) {
        post(
                service.resolve("/feedback"),
                202,
                IntStream.range(0, truths.size())
                        .mapToObj(row -> Map.of("request_id", id, "row", row, "label", truths.get(row)))
                        .toList());
    }

    private static Map<String, Object> keys(String joinKey, List<Long> entities) {
        return Map.of("name", joinKey, "datatype", "INT64", "shape", List.of(entities.size(), 1), "data", entities);
    }

    private List<Long> ask(Map<String, Object> question) {
        return labelsIn(post(infer(), 200, question));
    }

    private URI infer() {
        return service.resolve("/v2/models/" + model + "/infer");
    }

    private static JsonNode post(URI address, int status, Object body) {
        var response = send(address, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        try {
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException("expected JSON of " + address + ", found " + response.body(), e);
        }
    }

    private static HttpResponse<String> send(URI address, Object body) {
        try (var http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(address)
                    .header("Content-Type", "application/json")
                    .timeout(Duration.ofSeconds(30))
                    .POST(BodyPublishers.ofString(JSON.writeValueAsString(body)))
                    .build();
            return http.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException("asking " + address, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking " + address, e);
        }
    }

    private static List<Long> labelsIn(JsonNode answer) {
        var labels = new ArrayList<Long>();
        for (var output : answer.path("outputs")) {
            if (output.path("datatype").asText().equals("INT64")) {
                output.path("data").forEach(value -> labels.add(value.asLong()));
            }
        }
        assertThat(labels).as("labels in %s", answer).isNotEmpty();
        return labels;
    }
}
