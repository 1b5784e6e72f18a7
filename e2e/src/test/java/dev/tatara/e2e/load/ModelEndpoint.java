package dev.tatara.e2e.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/**
 * A served model of the kind that multiplies: x [n, 2] in, y [n, 2] out, each value times the version's own number.
 *
 * @param service where the Service answers
 * @param model the registered model's name
 */
public record ModelEndpoint(URI service, String model) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    /** An Open Inference Protocol request for one row of ones and sevens. */
    HttpRequest.Builder request() {
        return HttpRequest.newBuilder(service.resolve("/v2/models/" + model + "/infer"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(
                        "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[1,7]}]}"));
    }

    /**
     * The number the answering version multiplies by.
     *
     * @throws IllegalArgumentException if the body is no right answer of any version
     */
    static int factorIn(String body) {
        JsonNode answer;
        try {
            answer = JSON.readTree(body);
        } catch (IOException e) {
            throw new IllegalArgumentException("no JSON: " + body, e);
        }
        var data = answer.path("outputs").path(0).path("data");
        var first = data.path(0).asDouble(Double.NaN);
        if (data.size() != 2 || first != Math.rint(first) || data.path(1).asDouble() != first * 7) {
            throw new IllegalArgumentException("no answer of a model that multiplies: " + body);
        }
        return (int) first;
    }

    /**
     * Asks once, on a new connection: one that is kept stays with its pod, as Kubernetes balances connections. Returns
     * the number that the answering version multiplies by.
     */
    public int ask() {
        try {
            var response = CLIENT.send(
                    request()
                            .header("Connection", "close")
                            .timeout(Duration.ofSeconds(30))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            return factorIn(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException("asking " + service, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
