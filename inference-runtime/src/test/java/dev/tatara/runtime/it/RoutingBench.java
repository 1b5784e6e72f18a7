package dev.tatara.runtime.it;

import static dev.tatara.runtime.it.RoutedPods.CANDIDATE;
import static dev.tatara.runtime.it.RoutedPods.STABLE;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Shows what routing costs: one client on one kept connection asks a pod that routes nothing (twice, to tell chance from
 * cost), one that routes all to itself, and one that forwards all, by turns. Run by {@code bench/routing}.
 */
public final class RoutingBench {
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 10);
    private static final int REQUESTS = Integer.getInteger("bench.requests", 2_000);
    private static final String BODY = "[5.1,3.5,1.4,0.2]";
    private static final byte[] REQUEST =
            ("POST /predict HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: "
                            + BODY.length() + "\r\n\r\n" + BODY)
                    .getBytes(StandardCharsets.US_ASCII);

    private interface Setting {
        void set() throws Exception;
    }

    private record Round(double p50, double p99, double cpu) {}

    private RoutingBench() {}

    public static void main(String[] arguments) throws Exception {
        try (RoutedPods pods = new RoutedPods().start(STABLE, CANDIDATE);
                Socket socket = new Socket(
                        InetAddress.getLoopbackAddress(), pods.first(STABLE).port())) {
            socket.setTcpNoDelay(true);
            Map<String, Setting> settings = new LinkedHashMap<>();
            settings.put("not routed", () -> pods.route(pods.entry(STABLE, 100)));
            settings.put("not routed, again", () -> pods.route(pods.entry(STABLE, 100)));
            settings.put("routed, answered here", () -> pods.route(pods.entry(CANDIDATE, 0), pods.entry(STABLE, 100)));
            settings.put("routed, forwarded", () -> pods.route(pods.entry(CANDIDATE, 100), pods.entry(STABLE, 0)));
            Map<String, List<Round>> rounds = new LinkedHashMap<>();
            for (int round = -2; round < ROUNDS; round++) {
                for (Map.Entry<String, Setting> setting : settings.entrySet()) {
                    setting.getValue().set();
                    Round measured = measure(pods, socket);
                    if (round >= 0) {
                        rounds.computeIfAbsent(setting.getKey(), any -> new ArrayList<>())
                                .add(measured);
                    }
                }
            }
            System.out.printf(Locale.ROOT, "%-24s %10s %10s %22s%n", "", "p50 µs", "p99 µs", "CPU µs, both pods");
            rounds.forEach((name, all) -> System.out.printf(
                    Locale.ROOT,
                    "%-24s %10.0f %10.0f %22.1f%n",
                    name,
                    median(all.stream().mapToDouble(Round::p50).toArray()),
                    median(all.stream().mapToDouble(Round::p99).toArray()),
                    median(all.stream().mapToDouble(Round::cpu).toArray())));
            difference("A/A", rounds.get("not routed, again"), rounds.get("not routed"));
            difference("answered here", rounds.get("routed, answered here"), rounds.get("not routed"));
            difference("forwarded", rounds.get("routed, forwarded"), rounds.get("not routed"));
        }
    }

    /** By rounds, as they followed each other. */
    private static void difference(String name, List<Round> some, List<Round> base) {
        double[] p50 = new double[some.size()];
        for (int i = 0; i < p50.length; i++) {
            p50[i] = some.get(i).p50() - base.get(i).p50();
        }
        Arrays.sort(p50);
        System.out.printf(
                Locale.ROOT,
                "%s: p50 %+.0f µs (%+.0f to %+.0f over %d rounds)%n",
                name,
                median(p50),
                p50[0],
                p50[p50.length - 1],
                p50.length);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    private static Round measure(RoutedPods pods, Socket socket) throws IOException {
        double[] micros = new double[REQUESTS];
        InputStream in = new BufferedInputStream(socket.getInputStream());
        long cpu = cpu(pods);
        for (int i = 0; i < REQUESTS; i++) {
            long started = System.nanoTime();
            socket.getOutputStream().write(REQUEST);
            skipAnswer(in);
            micros[i] = (System.nanoTime() - started) / 1e3;
        }
        double used = (cpu(pods) - cpu) / 1e3 / REQUESTS;
        Arrays.sort(micros);
        return new Round(micros[REQUESTS / 2], micros[REQUESTS * 99 / 100], used);
    }

    private static long cpu(RoutedPods pods) {
        return pods.first(STABLE).cpuNanos() + pods.first(CANDIDATE).cpuNanos();
    }

    private static void skipAnswer(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the connection was closed after: " + head);
            }
            head.append((char) next);
        }
        String lower = head.toString().toLowerCase(Locale.ROOT);
        if (!lower.startsWith("http/1.1 200")) {
            throw new IOException(head.toString());
        }
        int from = lower.indexOf("content-length:") + "content-length:".length();
        in.skipNBytes(
                Long.parseLong(lower.substring(from, lower.indexOf('\r', from)).strip()));
    }
}
