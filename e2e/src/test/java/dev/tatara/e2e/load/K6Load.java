package dev.tatara.e2e.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * A constant rate of arrival from outside the cluster, by k6: REST and gRPC, each on connections that are kept and on a
 * new one for each request, whatever the answers do. Every answer is checked; none is asked for again.
 */
public final class K6Load implements AutoCloseable {
    /** Requests a second of each way, which are four; 300 are to be shown. */
    private static final int RATE = 84;

    /** People who ask. A prime, so that all keys are asked for in every way, and with and without asking for the candidate. */
    public static final int KEYS = 499;

    /** More than any request may take in the script. */
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final Process k6;
    private final Thread reader;
    private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
    private final Queue<String> words = new ConcurrentLinkedQueue<>();

    private K6Load(Process k6) {
        this.k6 = k6;
        this.reader = Thread.ofPlatform().name("k6").start(this::read);
    }

    /**
     * Begins.
     *
     * @param service where its Service answers REST; gRPC is asked at the same host
     * @param model the registered model's name
     */
    public static K6Load on(URI service, String model) {
        var command = List.of(
                program(),
                "run",
                "--quiet",
                "--no-color",
                "--no-usage-report",
                "--summary-mode",
                "disabled",
                "--log-format",
                "raw",
                "--address",
                "",
                script());
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment()
                .putAll(Map.of(
                        "HOST", service.getHost(),
                        "MODEL", model,
                        "RATE", Integer.toString(RATE),
                        "KEYS", Integer.toString(KEYS),
                        "PROTO",
                                Path.of("../inference-runtime/src/main/proto")
                                        .toAbsolutePath()
                                        .toString()));
        try {
            var process = builder.start();
            process.getOutputStream().close();
            return new K6Load(process);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "expected k6 as '" + program() + "': set TATARA_K6 to what hack/tools k6 prints", e);
        }
    }

    /** What ended so far. */
    public Calls calls() {
        return new Calls(List.copyOf(calls));
    }

    /** Waits until the version that multiplies by this number has answered so many more, in each protocol. */
    public void awaitMore(int factor, int more) {
        var before = answersOf(factor);
        await("answers of the version that multiplies by " + factor)
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> {
                    assertThat(k6.isAlive()).as("k6 runs: %s", words).isTrue();
                    assertThat(answersOf(factor))
                            .as("answers by %s", factor)
                            .allSatisfy((protocol, count) ->
                                    assertThat(count).isGreaterThanOrEqualTo(before.get(protocol) + more));
                });
    }

    private Map<Call.Protocol, Long> answersOf(int factor) {
        var counts = new EnumMap<Call.Protocol, Long>(Call.Protocol.class);
        for (var protocol : Call.Protocol.values()) {
            counts.put(protocol, calls().of(protocol).answersOf(factor));
        }
        return counts;
    }

    /** Ends it and returns all requests until now, those that were under way as well: k6 itself would cut them off. */
    public Calls stop() {
        var last = new EnumMap<Call.Way, Long>(Call.Way.class);
        calls.forEach(call -> last.merge(call.way(), call.number(), Math::max));
        await("the requests that were under way")
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> last.forEach((way, number) -> assertThat(calls.stream()
                                .filter(call -> call.way() == way && call.number() <= number)
                                .count())
                        .as("%s up to number %d", way, number)
                        .isEqualTo(number + 1)));
        close();
        return calls().only(call -> last.containsKey(call.way()) && call.number() <= last.get(call.way()));
    }

    @Override
    public void close() {
        k6.destroy();
        try {
            if (!k6.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                k6.destroyForcibly();
            }
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            k6.destroyForcibly();
        }
    }

    private void read() {
        try (var lines = new BufferedReader(k6.inputReader(StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var said = line;
                Call.read(line).ifPresentOrElse(calls::add, () -> words.add(said));
            }
        } catch (IOException e) {
            words.add("its output can't be read any more: " + e);
        }
    }

    private static String program() {
        var program = System.getenv("TATARA_K6");
        return program == null || program.isBlank() ? "k6" : program;
    }

    private static String script() {
        try {
            return Path.of(K6Load.class.getResource("/load/multiplier.js").toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
