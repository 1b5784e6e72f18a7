package dev.tatara.runtime.it;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** The packaged application as a process of its own, on free ports. */
final class ServerProcess implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("listening on port (\\d+), admin on port (\\d+)");
    private static final Pattern LISTENING_FOR_PEERS = Pattern.compile("listening for other pods on port (\\d+)");
    private static final long PAGE_BYTES = 4096;
    private static final Duration GENEROUS = Duration.ofSeconds(90);

    private final Process process;
    private final Path log;
    private final HttpClient client = HttpClient.newHttpClient();
    private int port;
    private int adminPort;

    private ServerProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts it with these environment variables and doesn't wait. */
    static ServerProcess launch(Map<String, String> environment) {
        Path application = Path.of(System.getProperty("tatara.test.application"));
        if (!Files.exists(application)) {
            throw new IllegalStateException("no application at " + application + ": run ./mvnw package first");
        }
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-jar",
                application.toString()));
        Map<String, String> all = new HashMap<>(Map.of(
                "TATARA_RUNTIME_HTTP_PORT", "0", "TATARA_RUNTIME_ADMIN_PORT", "0", "TATARA_RUNTIME_DRAIN_DELAY", "0s"));
        all.putAll(environment);
        try {
            Path log = Files.createTempFile("runtime-", ".log");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
            builder.environment().putAll(all);
            return new ServerProcess(builder.start(), log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it and waits until it is ready. */
    static ServerProcess start(Map<String, String> environment) {
        ServerProcess server = launch(environment);
        server.awaitReady();
        return server;
    }

    void awaitReady() {
        awaitListening();
        Awaitility.await("ready").atMost(GENEROUS).until(() -> isUp("/health/ready"));
    }

    void awaitListening() {
        Awaitility.await("listening").atMost(GENEROUS).until(() -> {
            if (!process.isAlive()) {
                throw new AssertionError("it ended with " + process.exitValue() + ":\n" + log());
            }
            Matcher matcher = LISTENING.matcher(log());
            if (!matcher.find()) {
                return false;
            }
            port = Integer.parseInt(matcher.group(1));
            adminPort = Integer.parseInt(matcher.group(2));
            return true;
        });
    }

    int adminPort() {
        return adminPort;
    }

    /** Where other pods forward to; only of a pod that is routed. */
    int peerPort() {
        Matcher matcher = LISTENING_FOR_PEERS.matcher(log());
        if (!matcher.find()) {
            throw new AssertionError("it listens for no other pods:\n" + log());
        }
        return Integer.parseInt(matcher.group(1));
    }

    int port() {
        return port;
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isUp(String probe) throws IOException, InterruptedException {
        return admin(probe).statusCode() == 200;
    }

    HttpResponse<String> admin(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create("http://localhost:" + adminPort + path))
                .build());
    }

    /** The value of a series of /metrics, named with its labels as it stands there. */
    double metric(String series) throws IOException, InterruptedException {
        String metrics = admin("/metrics").body();
        Matcher matcher =
                Pattern.compile("(?m)^" + Pattern.quote(series) + " (\\S+)$").matcher(metrics);
        if (!matcher.find()) {
            throw new AssertionError("there is no " + series + " in\n" + metrics);
        }
        return Double.parseDouble(matcher.group(1));
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(uri(path)).build());
    }

    HttpResponse<String> post(String path, String body, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        } else {
            request.header("Content-Type", "application/json");
        }
        return send(request.build());
    }

    URI uri(String path) {
        return URI.create("http://localhost:" + port + path);
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** What the process holds of the machine's memory. */
    long residentBytes() throws IOException {
        try (Scanner pages =
                new Scanner(Path.of("/proc", String.valueOf(process.pid()), "statm"), StandardCharsets.UTF_8)) {
            pages.nextLong();
            return pages.nextLong() * PAGE_BYTES;
        }
    }

    /** What the threads that it has have used of CPUs since they began. */
    long cpuNanos() {
        File[] threads =
                Path.of("/proc", String.valueOf(process.pid()), "task").toFile().listFiles();
        long nanos = 0;
        for (File thread : threads == null ? new File[0] : threads) {
            try (Scanner statistics = new Scanner(thread.toPath().resolve("schedstat"), StandardCharsets.UTF_8)) {
                nanos += statistics.nextLong();
            } catch (IOException ended) {
                // It has ended meanwhile.
            }
        }
        return nanos;
    }

    /** Files and connections that the process holds open. */
    int openFiles() {
        String[] open =
                Path.of("/proc", String.valueOf(process.pid()), "fd").toFile().list();
        return open == null ? 0 : open.length;
    }

    /** SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly();
    }

    int awaitExit() throws InterruptedException {
        if (!process.waitFor(GENEROUS.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("it goes on and on:\n" + log());
        }
        return process.exitValue();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        client.close();
        Files.deleteIfExists(log);
    }
}
