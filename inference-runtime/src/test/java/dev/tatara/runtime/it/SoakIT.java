package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.TestModels;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Everything at once for a while: three protocols, one to eight rows, clients that hang up, deadlines that pass, the
 * model loaded anew, metrics scraped. Every answer must be the asker's own. {@code -Dtatara.soak=PT30M} goes on as long.
 */
class SoakIT {
    private static final Duration DURATION = Duration.parse(System.getProperty("tatara.soak", "PT10S"));
    private static final int USERS = 48;
    private static final int MOST_ROWS = 8;
    private static final long MIB = 1 << 20;
    private static final String MODEL = "identity-int64";
    private static final String PATH = "/v2/models/" + MODEL + "/infer";

    private final Queue<String> complaints = new ConcurrentLinkedQueue<>();
    private final Map<String, AtomicLong> outcomes = new ConcurrentSkipListMap<>();
    private final List<Long> resident = new ArrayList<>();
    private volatile boolean running = true;

    /** A request whose answer must have these bytes in it. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Question(Attempt attempt, byte[] answer, String kind) {}

    @Test
    void nothingIsLostSwappedOrKept() throws Exception {
        try (ServerProcess server = ServerProcess.start(Map.of(
                        "MODEL_URI",
                        TestModels.path(MODEL).toUri().toString(),
                        "TATARA_RUNTIME_INFERENCE_EVENT_LOOP_BUDGET",
                        "0s",
                        "TATARA_RUNTIME_LIMITS_MAX_WAIT",
                        "10s",
                        "_JAVA_OPTIONS",
                        "-Xms128m -Xmx128m -XX:+AlwaysPreTouch"));
                Clients clients = new Clients(server.port())) {
            CountDownLatch done = new CountDownLatch(USERS);
            for (int i = 0; i < USERS; i++) {
                next(clients, done);
            }
            disturb(server);
            running = false;
            assertThat(done.await(90, TimeUnit.SECONDS))
                    .as("all users came back")
                    .isTrue();
            report();
            assertThat(complaints).isEmpty();
            assertThat(outcomes.get("v2 json right").get()).isPositive();
            assertThat(outcomes.get("v2 binary right").get()).isPositive();
            assertThat(outcomes.get("grpc right").get()).isPositive();
            assertThat(outcomes.get("reload 200").get()).isPositive();
            Awaitility.await()
                    .untilAsserted(() -> assertThat(server.admin("/metrics").body())
                            .contains("prediction_requests_in_flight 0.0", "prediction_queue_length 0.0"));
            assertThat(growth())
                    .as("growth of memory between the first and the last quarter")
                    .isLessThan(32 * MIB);
            assertThat(server.log()).doesNotContain("ERROR").doesNotContain("\tat ");
            server.terminate();
            assertThat(server.awaitExit()).isZero();
        }
    }

    private void report() {
        System.out.printf(
                "soak of %s: %s, resident MiB by tenth %s%n",
                DURATION,
                outcomes,
                resident.stream()
                        .filter(sample -> resident.indexOf(sample) % Math.max(1, resident.size() / 10) == 0)
                        .map(sample -> String.valueOf(sample / MIB))
                        .collect(Collectors.joining(" ")));
    }

    private long growth() {
        int quarter = Math.max(1, resident.size() / 4);
        return mean(resident.subList(resident.size() - quarter, resident.size()))
                - mean(resident.subList(quarter, Math.min(resident.size(), 2 * quarter)));
    }

    private static long mean(List<Long> samples) {
        return (long) samples.stream().mapToLong(Long::longValue).average().orElseThrow();
    }

    /** Scrapes every second, reloads the model every five. */
    private void disturb(ServerProcess server) throws Exception {
        long until = System.nanoTime() + DURATION.toNanos();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest reload = HttpRequest.newBuilder(URI.create(
                            "http://localhost:" + server.adminPort() + "/v2/repository/models/" + MODEL + "/load"))
                    .POST(HttpRequest.BodyPublishers.ofString("{}"))
                    .build();
            for (int second = 1; System.nanoTime() < until; second++) {
                TimeUnit.SECONDS.sleep(1);
                assertThat(server.get("/metrics").statusCode()).isEqualTo(200);
                assertThat(server.admin("/metrics").statusCode()).isEqualTo(200);
                if (second % 5 == 0) {
                    HttpResponse<String> answer = http.send(reload, HttpResponse.BodyHandlers.ofString());
                    count("reload " + answer.statusCode());
                }
                resident.add(server.residentBytes());
            }
        }
    }

    private void next(Clients clients, CountDownLatch done) {
        if (!running || complaints.size() > 10) {
            done.countDown();
            return;
        }
        Question question = question();
        int mood = ThreadLocalRandom.current().nextInt(100);
        Future<?> asked = mood < 3 ? hangUp(clients, question) : ask(clients, question);
        asked.onComplete(whatever -> next(clients, done));
    }

    private Future<?> ask(Clients clients, Question question) {
        return clients.send(question.attempt()).onComplete(result -> {
            if (result.failed()) {
                complaints.add("no answer (" + result.cause() + ") to " + question.attempt());
                return;
            }
            Clients.Reply reply = result.result();
            if (reply.isGood(question.attempt())) {
                if (indexOf(reply.body().getBytes(), question.answer()) >= 0) {
                    count(question.kind() + " right");
                } else {
                    complaints.add("another's answer to " + question.attempt() + ": " + reply.body());
                }
            } else if (reply.isTooLate(question.attempt())) {
                count(question.kind() + " too late or too much");
            } else {
                complaints.add(reply.status() + " grpc " + reply.grpcStatus() + " " + reply.body() + " to "
                        + question.attempt());
            }
        });
    }

    private Future<?> hangUp(Clients clients, Question question) {
        count("hung up");
        return clients.request(question.attempt()).compose(request -> {
            question.attempt().headers().forEach(request::putHeader);
            request.putHeader(
                    "content-length", String.valueOf(question.attempt().body().length));
            byte[] body = question.attempt().body();
            int part = ThreadLocalRandom.current().nextBoolean() ? body.length : body.length / 2;
            return request.write(Buffer.buffer(Arrays.copyOf(body, part))).onComplete(written -> request.reset());
        });
    }

    private static Question question() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        int rows = 1 + random.nextInt(MOST_ROWS);
        long[] values = random.longs(rows * 2L, 0, 1L << 52).toArray();
        ByteBuffer raw = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
        for (long value : values) {
            raw.putLong(value);
        }
        String data = Arrays.toString(values).replace(" ", "");
        String shape = "\"shape\":[" + rows + ",2]";
        String hurry = random.nextInt(100) < 3 ? "\"parameters\":{\"timeout\":1}," : "";
        return switch (random.nextInt(3)) {
            case 0 ->
                new Question(
                        new Attempt(
                                false,
                                PATH,
                                Map.of("Content-Type", "application/json"),
                                utf8("{" + hurry + "\"inputs\":[{\"name\":\"x\",\"datatype\":\"INT64\"," + shape
                                        + ",\"data\":" + data + "}]}")),
                        utf8(data),
                        "v2 json");
            case 1 -> {
                byte[] head = utf8("{" + hurry + "\"inputs\":[{\"name\":\"x\",\"datatype\":\"INT64\"," + shape
                        + ",\"parameters\":{\"binary_data_size\":" + raw.capacity()
                        + "}}],\"outputs\":[{\"name\":\"y\",\"parameters\":{\"binary_data\":true}}]}");
                yield new Question(
                        new Attempt(
                                false,
                                PATH,
                                Map.of("Inference-Header-Content-Length", String.valueOf(head.length)),
                                ByteBuffer.allocate(head.length + raw.capacity())
                                        .put(head)
                                        .put(raw.array())
                                        .array()),
                        raw.array(),
                        "v2 binary");
            }
            default ->
                new Question(
                        Seeds.grpc(Seeds.infer(MODEL, "x", "INT64", new long[] {rows, 2}, raw.array())),
                        raw.array(),
                        "grpc");
        };
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static int indexOf(byte[] whole, byte[] part) {
        for (int i = 0; i + part.length <= whole.length; i++) {
            if (Arrays.equals(whole, i, i + part.length, part, 0, part.length)) {
                return i;
            }
        }
        return -1;
    }

    private void count(String outcome) {
        outcomes.computeIfAbsent(outcome, first -> new AtomicLong()).incrementAndGet();
    }
}
