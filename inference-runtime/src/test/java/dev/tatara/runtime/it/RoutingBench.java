package dev.tatara.runtime.it;

import static dev.tatara.runtime.it.RoutedPods.CANDIDATE;
import static dev.tatara.runtime.it.RoutedPods.STABLE;

import dev.tatara.runtime.it.Rounds.Round;
import dev.tatara.runtime.it.Rounds.Setting;
import dev.tatara.runtime.it.RoundsTable.Figure;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Shows what routing costs: clients on kept connections ask a pod that routes nothing (twice, to tell chance from cost),
 * one that routes all to itself, and one that forwards all, by turns; over REST and gRPC, one client and several at once.
 * Run by {@code bench/routing}.
 */
public final class RoutingBench implements AutoCloseable {
    static final String NOT_ROUTED = "not routed";
    static final String AGAIN = "not routed, again (A/A)";
    static final String HERE = "routed, answered here";
    static final String FORWARDED = "routed, forwarded";

    private static final double MOST_MICROS = 500;

    private final RoutedPods pods = new RoutedPods().start(STABLE, CANDIDATE);

    RoutingBench() throws IOException {}

    public static void main(String[] arguments) throws Exception {
        int count = Integer.getInteger("bench.rounds", 10);
        int requests = Integer.getInteger("bench.requests", 2_000);
        int connections = Integer.getInteger("bench.connections", 8);
        Map<String, Asker.Opener> protocols = new LinkedHashMap<>();
        protocols.put("REST", KeptConnection::new);
        protocols.put("gRPC", KeptChannel::new);
        try (RoutingBench bench = new RoutingBench()) {
            StringBuilder targets = new StringBuilder();
            for (Map.Entry<String, Asker.Opener> protocol : protocols.entrySet()) {
                Rounds one = bench.measure(protocol.getValue(), 1, count, requests);
                print(protocol.getKey() + ", one connection", one, Figure.P50, Figure.P99, Figure.CPU);
                targets.append(String.format(Locale.ROOT, "%s: ", protocol.getKey()))
                        .append(target(one))
                        .append('\n');
                Rounds several = bench.measure(protocol.getValue(), connections, count, requests * connections);
                String title = String.format(Locale.ROOT, "%s, %d connections", protocol.getKey(), connections);
                print(title, several, Figure.RATE, Figure.CPU);
            }
            System.out.print("Target: a forward adds at most 0.5 ms to the median of one connection.\n" + targets);
        }
    }

    private static void print(String title, Rounds rounds, Figure... figures) {
        System.out.printf("### %s%n%n%s%n", title, new RoundsTable(rounds, NOT_ROUTED, AGAIN).with(figures));
    }

    private static String target(Rounds rounds) {
        double more = rounds.difference(FORWARDED, NOT_ROUTED, Round::p50).median();
        return String.format(Locale.ROOT, "%.2f ms, %s.", more / 1e3, more <= MOST_MICROS ? "met" : "missed");
    }

    /**
     * Measures all settings by turns.
     *
     * @param requests of a round, of all connections together
     */
    Rounds measure(Asker.Opener opener, int connections, int count, int requests) throws Exception {
        Map<String, Setting> settings = new LinkedHashMap<>();
        settings.put(NOT_ROUTED, () -> pods.route(pods.entry(STABLE, 100)));
        settings.put(AGAIN, () -> pods.route(pods.entry(STABLE, 100)));
        settings.put(HERE, () -> pods.route(pods.entry(CANDIDATE, 0), pods.entry(STABLE, 100)));
        settings.put(FORWARDED, () -> pods.route(pods.entry(CANDIDATE, 100), pods.entry(STABLE, 0)));
        try (ClosedLoop clients = new ClosedLoop(opener, pods.first(STABLE).port(), connections)) {
            return Rounds.of(count, settings, () -> clients.measure(requests, pods::cpuNanos));
        }
    }

    /** How many requests the other revision answered since the table has it. */
    double forwarded() throws Exception {
        return pods.first(STABLE)
                .metric("tatara_router_forwards_total{outcome=\"answered\",revision=\"" + CANDIDATE + "\"}");
    }

    @Override
    public void close() throws IOException {
        pods.close();
    }
}
