package dev.tatara.runtime.it;

import static dev.tatara.runtime.it.RoutedPods.CANDIDATE;
import static dev.tatara.runtime.it.RoutedPods.STABLE;

import dev.tatara.runtime.it.Rounds.Round;
import dev.tatara.runtime.it.Rounds.Setting;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Shows what routing costs: one client on one kept connection asks a pod that routes nothing (twice, to tell chance from
 * cost), one that routes all to itself, and one that forwards all, by turns. Run by {@code bench/routing}.
 */
public final class RoutingBench {
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 10);
    private static final int REQUESTS = Integer.getInteger("bench.requests", 2_000);

    private RoutingBench() {}

    public static void main(String[] arguments) throws Exception {
        try (RoutedPods pods = new RoutedPods().start(STABLE, CANDIDATE);
                KeptConnection client = new KeptConnection(pods.first(STABLE).port())) {
            Map<String, Setting> settings = new LinkedHashMap<>();
            settings.put("not routed", () -> pods.route(pods.entry(STABLE, 100)));
            settings.put("not routed, again", () -> pods.route(pods.entry(STABLE, 100)));
            settings.put("routed, answered here", () -> pods.route(pods.entry(CANDIDATE, 0), pods.entry(STABLE, 100)));
            settings.put("routed, forwarded", () -> pods.route(pods.entry(CANDIDATE, 100), pods.entry(STABLE, 0)));
            Rounds rounds = Rounds.of(ROUNDS, settings, () -> measure(pods, client));
            rounds.print();
            difference("A/A", rounds, "not routed, again");
            difference("answered here", rounds, "routed, answered here");
            difference("forwarded", rounds, "routed, forwarded");
        }
    }

    private static void difference(String name, Rounds rounds, String setting) {
        System.out.printf(
                "%s: p50 %s over %d rounds%n", name, rounds.difference(setting, "not routed", Round::p50), ROUNDS);
    }

    private static Round measure(RoutedPods pods, KeptConnection client) throws IOException {
        double[] micros = new double[REQUESTS];
        long cpu = pods.cpuNanos();
        for (int i = 0; i < REQUESTS; i++) {
            long started = System.nanoTime();
            client.ask();
            micros[i] = (System.nanoTime() - started) / 1e3;
        }
        return Round.of(micros, (pods.cpuNanos() - cpu) / 1e3 / REQUESTS);
    }
}
