package dev.tatara.e2e.experiment;

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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * People who ask a service, say who they are, and buy as often as people do whom the version answers that answers them.
 * The service's model is one that multiplies.
 */
public final class People implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int AT_ONCE = 8;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final URI service;
    private final String model;
    private final int count;
    private final String header;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private int rounds;

    /**
     * People.
     *
     * @param service where the Service answers
     * @param model the registered model's name
     * @param count how many
     * @param header by which they say who they are
     */
    public People(URI service, String model, int count, String header) {
        this.service = service;
        this.model = model;
        this.count = count;
        this.header = header;
    }

    /** Who bought what of a version. */
    public record Bought(int people, int buyers) {
        /** The share of the people. */
        public double rate() {
            return (double) buyers / people;
        }
    }

    /** Everybody asks once; returns the versions that answered them, person by person. */
    public List<String> ask() {
        rounds++;
        List<Future<String>> answers;
        try (var asking = Executors.newFixedThreadPool(AT_ONCE)) {
            answers = IntStream.range(0, count)
                    .mapToObj(person -> asking.submit(() -> answerTo(person)))
                    .toList();
        }
        return answers.stream().map(People::got).toList();
    }

    private static String got(Future<String> answer) {
        if (answer.state() == Future.State.FAILED) {
            throw new AssertionError("a person got no answer", answer.exceptionNow());
        }
        return answer.resultNow();
    }

    private String answerTo(int person) throws IOException, InterruptedException {
        var answer = send(
                "/v2/models/" + model + "/infer",
                200,
                Map.of(
                        "id",
                        id(person),
                        "inputs",
                        List.of(Map.of(
                                "name", "x", "datatype", "FP32", "shape", List.of(1, 2), "data", List.of(1, 7)))),
                header,
                "person-" + person);
        return answer.path("model_version").asText();
    }

    /** What this person's latest request is called. */
    private String id(int person) {
        return "round-" + rounds + "-of-" + person;
    }

    /**
     * Some of the people buy, and the service is told so.
     *
     * @param sides who answered whom, person by person
     * @param rates by version, the share of people who buy
     * @return by version, what came of it
     */
    public Map<String, Bought> buy(List<String> sides, Map<String, Double> rates, long seed) {
        var random = new Random(seed);
        var buyers = IntStream.range(0, count)
                .filter(person -> random.nextDouble() < rates.get(sides.get(person)))
                .boxed()
                .toList();
        tell(buyers, Map.of("conversion", true));
        return rates.keySet().stream()
                .collect(Collectors.toMap(
                        version -> version,
                        version -> new Bought(
                                (int) sides.stream().filter(version::equals).count(), (int) buyers.stream()
                                        .map(sides::get)
                                        .filter(version::equals)
                                        .count())));
    }

    /** Everybody lets the service know what should have been answered to the latest request. */
    public void correct(String label) {
        tell(IntStream.range(0, count).boxed().toList(), Map.of("label", label));
    }

    private void tell(List<Integer> people, Map<String, Object> what) {
        try {
            send(
                    "/feedback",
                    202,
                    people.stream()
                            .map(person -> {
                                var entry = new HashMap<>(what);
                                entry.put("request_id", id(person));
                                return entry;
                            })
                            .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private JsonNode send(String path, int status, Object body, String... headers)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(service.resolve(path))
                .header("Content-Type", "application/json")
                .timeout(PATIENCE)
                .POST(BodyPublishers.ofString(JSON.writeValueAsString(body)));
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
        if (response.statusCode() != status) {
            throw new AssertionError(path + " was answered " + response.statusCode() + " " + response.body());
        }
        return JSON.readTree(response.body());
    }

    @Override
    public void close() {
        client.close();
    }
}
