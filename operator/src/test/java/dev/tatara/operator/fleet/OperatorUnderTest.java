package dev.tatara.operator.fleet;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** The packaged operator in a process of its own, with the image's flags: what it costs, and what it asks of the API server. */
final class OperatorUnderTest implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern BUCKET =
            Pattern.compile("tatara_reconcile_seconds_bucket\\{(.*)le=\"([^\"]+)\".*\\} ([0-9.E+]+)");

    private static final Duration FAREWELL = Duration.ofSeconds(20);

    private final Process process;
    private final int port;
    private final Path audit;
    private final HttpClient http = HttpClient.newHttpClient();

    /**
     * What an operator has done so far.
     *
     * @param nanos time of this machine
     * @param audit bytes of the audit log
     * @param cpu seconds
     * @param resident bytes
     * @param reconciles of InferenceServices that took so long at most, in seconds
     */
    record Reading(long nanos, long audit, double cpu, long resident, SortedMap<Double, Double> reconciles) {}

    OperatorUnderTest(Path java, Path application, Path kubeconfig, Path audit, Path log) throws IOException {
        this.audit = audit;
        // Nobody else begins to listen between here and the operator's start on this machine, or it says so and ends.
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        var builder = new ProcessBuilder(List.of(
                java.toString(),
                "-XX:+UseSerialGC",
                // 60 % of the chart's limit of 768 MiB, beginning with a 64th of it.
                "-Xms12m",
                "-Xmx460m",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:-UsePerfData",
                "--enable-native-access=ALL-UNNAMED",
                "-jar",
                application.toString()));
        builder.environment()
                .putAll(Map.of(
                        "KUBECONFIG",
                        kubeconfig.toString(),
                        "QUARKUS_HTTP_PORT",
                        Integer.toString(port),
                        "TATARA_OPERATOR_LEADER_ELECTION_ENABLED",
                        "true",
                        "TATARA_OPERATOR_LEADER_ELECTION_NAMESPACE",
                        FleetBench.SYSTEM,
                        "TATARA_OPERATOR_INSTANCE",
                        "bench"));
        process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        // It doesn't outlive a bench that is ended.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    }

    boolean isReady() {
        if (!process.isAlive()) {
            throw new IllegalStateException("the operator has ended with " + process.exitValue() + "; see its log");
        }
        try {
            return http.send(
                                    HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/q/health/ready"))
                                            .build(),
                                    BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    Reading read() throws IOException, InterruptedException {
        var folder = Path.of("/proc", Long.toString(process.pid()));
        var stat = Files.readString(folder.resolve("stat"));
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        // In ticks of 10 ms, as on every Linux of today.
        var cpu = (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
        var resident = Files.readAllLines(folder.resolve("status")).stream()
                .filter(line -> line.startsWith("VmRSS"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) * 1024)
                .findFirst()
                .orElseThrow();
        return new Reading(System.nanoTime(), Files.size(audit), cpu, resident, reconciles());
    }

    /** Its requests between two readings, by verb and resource. */
    Map<String, Integer> requests(Reading from, Reading to) throws IOException {
        var counts = new TreeMap<String, Integer>();
        try (var file = new RandomAccessFile(audit.toFile(), "r")) {
            file.seek(from.audit());
            var bytes = new byte[(int) (to.audit() - from.audit())];
            file.readFully(bytes);
            for (var line : new String(bytes, StandardCharsets.UTF_8).split("\n", -1)) {
                if (!line.isEmpty()) {
                    var event = JSON.readTree(line);
                    var subresource =
                            event.path("objectRef").path("subresource").asText();
                    counts.merge(
                            event.path("verb").asText() + " "
                                    + event.path("objectRef").path("resource").asText()
                                    + (subresource.isEmpty() ? "" : "/" + subresource),
                            1,
                            Integer::sum);
                }
            }
        }
        return counts;
    }

    private SortedMap<Double, Double> reconciles() throws IOException, InterruptedException {
        var text = http.send(
                        HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/metrics"))
                                .build(),
                        BodyHandlers.ofString())
                .body();
        var buckets = new TreeMap<Double, Double>();
        for (var found = BUCKET.matcher(text); found.find(); ) {
            if (found.group().contains("kind=\"inferenceservice\"")) {
                var bound =
                        found.group(2).equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(found.group(2));
                buckets.merge(bound, Double.parseDouble(found.group(3)), Double::sum);
            }
        }
        return buckets;
    }

    /** A quantile of the reconciliations between two readings, in seconds, interpolated within its bucket. */
    static double quantile(Reading from, Reading to, double share) {
        var total = count(from, to);
        var below = 0.0;
        var bound = 0.0;
        for (var bucket : to.reconciles().entrySet()) {
            var within = bucket.getValue() - from.reconciles().getOrDefault(bucket.getKey(), 0.0);
            if (within >= share * total) {
                return bucket.getKey().isInfinite()
                        ? bound
                        : bound + (bucket.getKey() - bound) * (share * total - below) / Math.max(1, within - below);
            }
            below = within;
            bound = bucket.getKey();
        }
        return bound;
    }

    static double count(Reading from, Reading to) {
        return to.reconciles().getOrDefault(Double.POSITIVE_INFINITY, 0.0)
                - from.reconciles().getOrDefault(Double.POSITIVE_INFINITY, 0.0);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(FAREWELL.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
