package dev.tatara.runtime.it;

import static dev.tatara.runtime.it.RoutedPods.CANDIDATE;
import static dev.tatara.runtime.it.RoutedPods.STABLE;

import com.sun.net.httpserver.HttpServer;
import dev.tatara.runtime.it.Rounds.Round;
import dev.tatara.runtime.it.Rounds.Setting;
import dev.tatara.runtime.it.RoundsTable.Figure;
import dev.tatara.traffic.TrafficTable.Entry;
import dev.tatara.traffic.TrafficTable.Shadow;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Shows what clients feel of a shadow: one on a kept connection asks at a constant rate, and all it asks is copied to
 * nobody (twice, to tell chance from cost), to a pod, to one that sleeps over each copy, and to one that is gone, by turns.
 * Run by {@code bench/shadow}.
 */
public final class ShadowBench implements AutoCloseable {
    static final String NONE = "no shadow";
    static final String AGAIN = "no shadow, again";
    static final String LIVE = "live shadow";
    static final String SLOW = "slow shadow";
    static final String DEAD = "dead shadow";

    /** How long a slow shadow sleeps over a copy. */
    static final Duration SLEEP = Duration.ofMillis(500);

    private static final byte[] ANSWER = "{\"prediction\":0}".getBytes(StandardCharsets.UTF_8);

    private final RoutedPods pods = new RoutedPods().start(STABLE, CANDIDATE);
    private final KeptConnection client = new KeptConnection(pods.first(STABLE).port());
    private final HttpServer sleeper = sleeper();
    /** Its port is taken, and nobody listens there. */
    private final Socket gone = new Socket();

    ShadowBench() throws IOException {
        gone.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    public static void main(String[] arguments) throws Exception {
        int count = Integer.getInteger("bench.rounds", 10);
        int rate = Integer.getInteger("bench.rate", 500);
        try (ShadowBench bench = new ShadowBench()) {
            Rounds rounds = bench.measure(count, Integer.getInteger("bench.requests", 1_000), rate);
            System.out.printf(
                    "%d requests a second, all copied; the slow shadow takes %d ms.%n%n", rate, SLEEP.toMillis());
            System.out.println(new RoundsTable(rounds, NONE, AGAIN).with(Figure.P50, Figure.P99, Figure.CPU));
            System.out.println(bench.copies());
        }
    }

    /** A pod's peer port that answers wrongly after a sleep, which takes no CPU. */
    private static HttpServer sleeper() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            LockSupport.parkNanos(SLEEP.toNanos());
            exchange.sendResponseHeaders(200, ANSWER.length);
            exchange.getResponseBody().write(ANSWER);
            exchange.close();
        });
        server.start();
        return server;
    }

    /**
     * Measures all settings by turns.
     *
     * @param requests of a round
     * @param rate requests per second
     */
    Rounds measure(int count, int requests, int rate) throws Exception {
        Map<String, Setting> settings = new LinkedHashMap<>();
        settings.put(NONE, () -> pods.route(pods.entry(CANDIDATE, 0), pods.entry(STABLE, 100)));
        settings.put(AGAIN, () -> pods.route(pods.entry(CANDIDATE, 0), pods.entry(STABLE, 100)));
        settings.put(LIVE, () -> shadow(pods.entry(CANDIDATE, 0)));
        settings.put(SLOW, () -> shadow(at(sleeper.getAddress().getPort())));
        settings.put(DEAD, () -> shadow(at(gone.getLocalPort())));
        return Rounds.of(count, settings, () -> measure(requests, rate));
    }

    private static Entry at(int port) {
        return new Entry(CANDIDATE, 0, false, List.of("127.0.0.1:" + port));
    }

    private void shadow(Entry entry) throws Exception {
        pods.push(
                pods.table(List.of(entry, pods.entry(STABLE, 100)), List.of(), null, new Shadow(CANDIDATE, 100, 1e-5)));
    }

    /** A request that has to wait for the one before it counts from when it was due. */
    private Round measure(int requests, int rate) throws IOException {
        long[] nanos = new long[requests];
        long cpu = pods.cpuNanos();
        long began = System.nanoTime();
        long due = began;
        for (int i = 0; i < requests; i++) {
            long started = due;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
                started = System.nanoTime();
            }
            client.ask();
            nanos[i] = System.nanoTime() - started;
            due += TimeUnit.SECONDS.toNanos(1) / rate;
        }
        return Round.of(nanos, System.nanoTime() - began, pods.cpuNanos() - cpu);
    }

    /** What became of the copies. */
    String copies() throws Exception {
        StringBuilder text = new StringBuilder("copies:");
        for (String outcome : List.of("same", "different", "failed", "dropped")) {
            text.append(String.format(Locale.ROOT, " %s %.0f", outcome, copies(outcome)));
        }
        return text.toString();
    }

    double copies(String outcome) throws Exception {
        return pods.first(STABLE).metric("tatara_router_copies_total{outcome=\"" + outcome + "\"}");
    }

    @Override
    public void close() throws IOException {
        client.close();
        gone.close();
        sleeper.stop(0);
        pods.close();
    }
}
