package dev.tatara.e2e.load;

import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests at a constant rate, whatever the answers do: every second one on a connection that is kept, the others on a
 * new one each. A request that isn't answered rightly within {@link #PATIENCE} has failed; none is tried again.
 */
public final class ConstantLoad implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final ModelEndpoint endpoint;
    private final long intervalNanos;
    private final HttpClient client = HttpClient.newBuilder()
            // Plain HTTP/1.1: an upgrade to HTTP/2 would put all requests on one connection.
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
    private final Queue<LoadReport.Failure> failures = new ConcurrentLinkedQueue<>();
    private final Map<Integer, AtomicLong> answers = new ConcurrentHashMap<>();
    private final Map<Integer, Instant> latest = new ConcurrentHashMap<>();
    private final AtomicLong sent = new AtomicLong();
    private final Instant started = Instant.now();
    private final Thread pacer;
    private volatile boolean running = true;

    private ConstantLoad(ModelEndpoint endpoint, int requestsPerSecond) {
        this.endpoint = endpoint;
        this.intervalNanos = Duration.ofSeconds(1).toNanos() / requestsPerSecond;
        this.pacer = Thread.ofPlatform().name("pacer").start(this::send);
    }

    public static ConstantLoad on(ModelEndpoint endpoint, int requestsPerSecond) {
        return new ConstantLoad(endpoint, requestsPerSecond);
    }

    /** Right answers so far of the version that multiplies by this number. */
    public long answersOf(int factor) {
        var count = answers.get(factor);
        return count == null ? 0 : count.get();
    }

    /** Waits until a version has given so many right answers more. */
    public void awaitMore(int factor, int more) {
        var enough = answersOf(factor) + more;
        await("answers of version " + factor)
                .atMost(Cluster.LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> answersOf(factor) >= enough);
    }

    /** When the last right answer came of the version that multiplies by this number; null if none did. */
    public Instant latestOf(int factor) {
        return latest.get(factor);
    }

    /** Stops, waits for the requests that are under way, and tells how they all went. */
    public LoadReport stop() {
        close();
        var counts = new ConcurrentHashMap<Integer, Long>();
        answers.forEach((factor, count) -> counts.put(factor, count.get()));
        return new LoadReport(
                sent.get(),
                Duration.between(started, Instant.now()),
                Map.copyOf(counts),
                failures.stream().toList());
    }

    @Override
    public void close() {
        running = false;
        try {
            pacer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        requests.close();
        client.close();
    }

    private void send() {
        var next = System.nanoTime();
        while (running) {
            var number = sent.incrementAndGet();
            requests.execute(() -> ask(number % 2 == 0));
            next += intervalNanos;
            for (var left = next - System.nanoTime(); left > 0 && running; left = next - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        }
    }

    private void ask(boolean newConnection) {
        var at = Instant.now();
        try {
            var request = endpoint.request().timeout(PATIENCE);
            if (newConnection) {
                request.header("Connection", "close");
            }
            var response = client.send(request.build(), BodyHandlers.ofString());
            if (response.statusCode() == 200) {
                var factor = ModelEndpoint.factorIn(response.body());
                answers.computeIfAbsent(factor, ignored -> new AtomicLong()).incrementAndGet();
                latest.merge(factor, Instant.now(), (one, other) -> one.isAfter(other) ? one : other);
            } else {
                failed(at, newConnection, response.statusCode() + " " + response.body());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failed(at, newConnection, e.toString());
        } catch (Exception e) {
            failed(at, newConnection, e.toString());
        }
    }

    private void failed(Instant at, boolean newConnection, String why) {
        failures.add(new LoadReport.Failure(at, Duration.between(at, Instant.now()), newConnection, why));
    }
}
