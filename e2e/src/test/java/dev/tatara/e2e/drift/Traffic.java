package dev.tatara.e2e.drift;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/** Somebody who asks a service about rows of a world, all the time, some rows at a time. */
public final class Traffic implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ROWS = 20;
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final URI address;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final Thread asker;
    private volatile World world;
    private volatile boolean running = true;

    private Traffic(URI address, World world) {
        this.address = address;
        this.world = world;
        this.asker = Thread.ofPlatform().name("traffic").start(this::ask);
    }

    /** Asks the Service at an address about its model. */
    public static Traffic on(URI service, String model, World world) {
        return new Traffic(service.resolve("/v2/models/" + model + "/infer"), world);
    }

    /** From now on the rows are of another world. */
    public void shiftTo(World other) {
        world = other;
    }

    /** What was not answered with 200. */
    public List<String> failures() {
        return List.copyOf(failures);
    }

    @Override
    public void close() {
        running = false;
        try {
            asker.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        client.close();
    }

    private void ask() {
        while (running) {
            ask(world.rows(ROWS));
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private void ask(List<World.Row> rows) {
        try {
            var question = JSON.writeValueAsString(Map.of(
                    "inputs",
                    List.of(Map.of(
                            "name",
                            "features",
                            "datatype",
                            "FP32",
                            "shape",
                            List.of(rows.size(), World.FEATURES.size()),
                            "data",
                            rows.stream()
                                    .flatMap(row -> row.features().stream())
                                    .toList()))));
            // On a new connection each: one that is kept stays with its pod.
            var request = HttpRequest.newBuilder(address)
                    .header("Content-Type", "application/json")
                    .header("Connection", "close")
                    .timeout(PATIENCE)
                    .POST(BodyPublishers.ofString(question))
                    .build();
            var response = client.send(request, BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                failures.add(response.statusCode() + " " + response.body());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            running = false;
        } catch (Exception e) {
            failures.add(e.toString());
        }
    }
}
