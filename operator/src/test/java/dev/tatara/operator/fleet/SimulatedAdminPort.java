package dev.tatara.operator.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tatara.operator.inferenceservice.plan.PodRenderer;
import dev.tatara.statistics.LatencyHistogram;
import dev.tatara.traffic.StatisticsJson;
import dev.tatara.traffic.TrafficStatistics;
import dev.tatara.traffic.TrafficStatistics.Bucket;
import dev.tatara.traffic.TrafficStatistics.Figures;
import dev.tatara.traffic.TrafficStatistics.Shadowed;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Plays the admin port of all pods: takes traffic tables and says which generation it has, refuses older ones, and tells
 * of requests that would have come by the table. One socket listens at every address of the loopback network; by which
 * one it is called it knows the pod.
 */
final class SimulatedAdminPort implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Requests of a service a second, of all its pods together. */
    private static final int RATE = 100;

    private final HttpServer server;
    private final Map<String, Served> pods = new ConcurrentHashMap<>();
    private final AtomicLong tables = new AtomicLong();
    private final AtomicLong questions = new AtomicLong();

    /** What a pod knows. */
    private static final class Served {
        private final String revision;
        private JsonNode table = JSON.createObjectNode();
        private Instant since = Instant.now();

        Served(String revision) {
            this.revision = revision;
        }
    }

    SimulatedAdminPort() throws IOException {
        server = HttpServer.create(new InetSocketAddress("0.0.0.0", PodRenderer.ADMIN_PORT), 1024);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/admin/traffic/statistics", this::statistics);
        server.createContext("/admin/traffic", this::table);
        server.start();
    }

    void open(String address, String revision) {
        pods.put(address, new Served(revision));
    }

    void close(String address) {
        if (address != null) {
            pods.remove(address);
        }
    }

    /** Tables that pods were told so far. */
    long tables() {
        return tables.get();
    }

    /** How often pods were asked what they counted. */
    long questions() {
        return questions.get();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void table(HttpExchange exchange) throws IOException {
        var pod = pod(exchange);
        var document = JSON.readTree(exchange.getRequestBody().readAllBytes());
        if (pod == null) {
            answer(exchange, HttpURLConnection.HTTP_NOT_FOUND, "{}");
            return;
        }
        tables.incrementAndGet();
        var told =
                JSON.readTree(Base64.getDecoder().decode(document.path("table").asText()));
        int status;
        String answer;
        synchronized (pod) {
            var isNewer = told.path("generation").asLong()
                    >= pod.table.path("generation").asLong();
            if (isNewer) {
                pod.table = told;
                pod.since = Instant.now();
            }
            status = isNewer ? HttpURLConnection.HTTP_OK : HttpURLConnection.HTTP_CONFLICT;
            answer = JSON.writeValueAsString(Map.of(
                    "service", pod.table.path("service").asText(),
                    "generation", pod.table.path("generation").asLong(),
                    "revision", pod.revision));
        }
        answer(exchange, status, answer);
    }

    private void statistics(HttpExchange exchange) throws IOException {
        var pod = pod(exchange);
        if (pod == null) {
            answer(exchange, HttpURLConnection.HTTP_NOT_FOUND, "{}");
            return;
        }
        questions.incrementAndGet();
        byte[] answer;
        synchronized (pod) {
            var seconds = Math.max(1, pod.table.path("bucketSeconds").asInt());
            var asked = Long.parseLong(exchange.getRequestURI().getQuery().replaceAll("^since=(\\d+).*", "$1"));
            var from = Math.max(asked, pod.since.toEpochMilli()) / (1000L * seconds) * seconds;
            var buckets = new ArrayList<Bucket>();
            for (long start = from; start < Instant.now().getEpochSecond(); start += seconds) {
                buckets.add(bucket(pod, start, seconds));
            }
            answer = StatisticsJson.write(new TrafficStatistics(
                    pod.revision, pod.table.path("generation").asLong(), seconds, buckets));
        }
        exchange.sendResponseHeaders(HttpURLConnection.HTTP_OK, answer.length);
        try (var body = exchange.getResponseBody()) {
            body.write(answer);
        }
    }

    private static Bucket bucket(Served pod, long start, int seconds) {
        var own = 0;
        var peers = 1;
        for (var entry : pod.table.path("entries")) {
            if (entry.path("revision").asText().equals(pod.revision)) {
                own = entry.path("weight").asInt();
                peers = Math.max(1, entry.path("peers").size());
            }
        }
        var requests = RATE * seconds * own / 100 / peers;
        var latency = new LatencyHistogram();
        latency.add(LatencyHistogram.bucket(2_000_000), requests);
        return new Bucket(
                Instant.ofEpochSecond(start),
                requests == 0 ? Map.of() : Map.of(pod.revision, new Figures(requests, 0, 0, latency, List.of())),
                Shadowed.NONE);
    }

    private Served pod(HttpExchange exchange) {
        return pods.get(exchange.getLocalAddress().getAddress().getHostAddress());
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        try (var body = exchange.getResponseBody()) {
            body.write(bytes);
        }
    }
}
