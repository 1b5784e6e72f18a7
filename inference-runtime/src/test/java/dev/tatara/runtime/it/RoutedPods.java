package dev.tatara.runtime.it;

import dev.tatara.runtime.TestModels;
import dev.tatara.traffic.SignedTable;
import dev.tatara.traffic.SigningKeys;
import dev.tatara.traffic.TrafficTable;
import dev.tatara.traffic.TrafficTable.Entry;
import dev.tatara.traffic.TrafficTable.HeaderMatch;
import dev.tatara.traffic.TrafficTable.Shadow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Pods of one service, and who gives them their traffic tables. Each revision is its own version of the model iris. */
final class RoutedPods implements AutoCloseable {
    static final String SERVICE = "5e3c1f0a-7b1d-4f0e-9a55-2f5d0c1b7e10";
    static final String STABLE = "7d9f34ef";
    static final String CANDIDATE = "55ab12cd";

    private final KeyPair keys = SigningKeys.generate();
    private final HttpClient client = HttpClient.newHttpClient();
    private final Path file;
    private final Map<String, List<ServerProcess>> pods = new LinkedHashMap<>();
    private long generation;

    RoutedPods() throws IOException {
        file = Files.createTempFile("table-", ".json");
        write(table(List.of(new Entry(STABLE, 100, false, List.of()))));
    }

    /** Starts a pod and doesn't wait. */
    ServerProcess launch(String revision, Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "MODEL_URI",
                TestModels.path("iris").toUri().toString(),
                "MODEL_VERSION",
                revision.equals(STABLE) ? "1" : "2",
                "TATARA_REVISION",
                revision,
                "TATARA_RUNTIME_HTTP_EVENT_LOOPS",
                "2",
                "TATARA_RUNTIME_TRAFFIC_TABLE",
                file.toString(),
                "TATARA_RUNTIME_TRAFFIC_PEER_PORT",
                "0",
                "TATARA_TRAFFIC_PUBLIC_KEY",
                SigningKeys.text(keys.getPublic()),
                "TATARA_SERVICE_UID",
                SERVICE));
        environment.putAll(more);
        ServerProcess pod = ServerProcess.launch(environment);
        pods.computeIfAbsent(revision, any -> new ArrayList<>()).add(pod);
        return pod;
    }

    /** Starts one pod of each revision and waits until they are ready. */
    RoutedPods start(String... revisions) {
        for (String revision : revisions) {
            launch(revision, Map.of());
        }
        pods.values().forEach(all -> all.forEach(ServerProcess::awaitReady));
        return this;
    }

    ServerProcess first(String revision) {
        return pods.get(revision).getFirst();
    }

    ServerProcess last(String revision) {
        return pods.get(revision).getLast();
    }

    /** CPU time of all pods. */
    long cpuNanos() {
        return pods.values().stream()
                .flatMap(List::stream)
                .mapToLong(ServerProcess::cpuNanos)
                .sum();
    }

    /** A revision's part, with all its pods. */
    Entry entry(String revision, int weight) {
        return new Entry(revision, weight, false, peers(revision));
    }

    Entry closed(String revision) {
        return new Entry(revision, 0, true, peers(revision));
    }

    private List<String> peers(String revision) {
        return pods.getOrDefault(revision, List.of()).stream()
                .map(pod -> "127.0.0.1:" + pod.peerPort())
                .toList();
    }

    /** The next generation. */
    TrafficTable table(List<Entry> entries) {
        return table(entries, List.of(), null, null);
    }

    TrafficTable table(List<Entry> entries, List<HeaderMatch> match, String stickyHeader, Shadow shadow) {
        generation++;
        return new TrafficTable(
                TrafficTable.SCHEMA_VERSION, SERVICE, generation, "salt", entries, match, stickyHeader, shadow, 1);
    }

    SignedTable sign(TrafficTable table) {
        return SignedTable.sign(table, keys.getPrivate());
    }

    /** Puts a table into the file that all pods have mounted. */
    void write(TrafficTable table) {
        try {
            Path next = Files.createTempFile("table-", ".next");
            Files.write(next, sign(table).toJson());
            Files.move(next, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void removeFile() throws IOException {
        Files.delete(file);
    }

    /** Pushes the next table to all pods. */
    void route(Entry... entries) throws Exception {
        push(table(List.of(entries)));
    }

    void push(TrafficTable table) throws Exception {
        for (List<ServerProcess> all : pods.values()) {
            for (ServerProcess pod : all) {
                if (pod.isAlive()) {
                    HttpResponse<String> answer = put(pod, sign(table).toJson());
                    if (answer.statusCode() != 200) {
                        throw new AssertionError(answer.statusCode() + " " + answer.body());
                    }
                }
            }
        }
    }

    HttpResponse<String> put(ServerProcess pod, byte[] document) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + pod.adminPort() + "/admin/traffic"))
                        .PUT(HttpRequest.BodyPublishers.ofByteArray(document))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() throws IOException {
        for (List<ServerProcess> all : pods.values()) {
            for (ServerProcess pod : all) {
                pod.close();
            }
        }
        client.close();
        Files.deleteIfExists(file);
    }
}
