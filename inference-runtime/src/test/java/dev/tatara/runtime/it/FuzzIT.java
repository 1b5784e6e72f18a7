package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.TestModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever clients send is answered, and never as if the server were to blame: no 5xx, no stack trace, no memory kept.
 * {@code -Dtatara.fuzz.cases=1000000} sends as many, {@code -Dtatara.fuzz.seed} others.
 */
class FuzzIT {
    private static final int CASES = Integer.getInteger("tatara.fuzz.cases", 100_000);
    private static final long SEED = Long.getLong("tatara.fuzz.seed", 1);
    private static final int AT_ONCE = 32;
    private static final long MIB = 1 << 20;
    private static final long MOST_GROWTH = 64 * MIB;
    private static final Pattern INTERNALS = Pattern.compile("Exception|Error:|\\tat |dev\\.tatara");

    /** The protocol's codes that blame the server: UNKNOWN, INTERNAL, DATA_LOSS. */
    private static final List<Integer> SERVERS_FAULT = List.of(2, 13, 15);

    @ParameterizedTest
    @ValueSource(strings = {"iris", "identity-string"})
    void noBodyGetsMoreThanAClearRefusal(String model, @TempDir Path store) throws Exception {
        List<Attempt> seeds = model.equals("iris") ? Seeds.iris() : Seeds.strings(model, "x");
        try (ServerProcess server = ServerProcess.start(Map.of(
                        "MODEL_URI",
                        TestModels.path(model).toUri().toString(),
                        "TATARA_RUNTIME_STORE_URI",
                        store.toUri().toString(),
                        "_JAVA_OPTIONS",
                        "-Xms128m -Xmx128m -XX:+AlwaysPreTouch"));
                Clients clients = new Clients(server.port())) {
            Mutations mutations = new Mutations(seeds, SEED);
            Round round = new Round(clients);
            round.send(mutations, CASES / 10);
            long before = server.residentBytes();
            round.send(mutations, CASES / 2 - CASES / 10);
            long after = server.residentBytes();
            System.out.printf(
                    "fuzz %s: %d mutated requests, answers by status %s, resident %d MiB, then %d MiB%n",
                    model, round.sent.get(), round.statuses, before / MIB, after / MIB);
            assertThat(round.complaints).isEmpty();
            assertThat(round.statuses.get("200"))
                    .as("some mutations are harmless")
                    .isNotNull();
            assertThat(after - before).as("growth of memory").isLessThan(MOST_GROWTH);
            assertThat(server.log()).doesNotContain("ERROR").doesNotContain("\tat ");
            for (Attempt seed : seeds) {
                assertThat(server.isAlive()).isTrue();
                assertThat(clients.send(seed)
                                .toCompletionStage()
                                .toCompletableFuture()
                                .get(30, TimeUnit.SECONDS)
                                .status())
                        .as("%s", seed)
                        .isIn(200, 202);
            }
        }
    }

    /** Attempts in flight, always as many at once. */
    private static final class Round {
        private final Clients clients;
        private final Map<String, AtomicLong> statuses = new ConcurrentSkipListMap<>();
        private final Queue<String> complaints = new ConcurrentLinkedQueue<>();
        private final AtomicInteger sent = new AtomicInteger();

        Round(Clients clients) {
            this.clients = clients;
        }

        void send(Mutations mutations, int count) throws InterruptedException {
            AtomicInteger left = new AtomicInteger(count);
            CountDownLatch done = new CountDownLatch(AT_ONCE);
            for (int i = 0; i < AT_ONCE; i++) {
                next(mutations, left, done);
            }
            assertThat(done.await(2, TimeUnit.HOURS)).isTrue();
        }

        private void next(Mutations mutations, AtomicInteger left, CountDownLatch done) {
            if (left.getAndDecrement() <= 0 || complaints.size() > 10) {
                done.countDown();
                return;
            }
            Attempt attempt;
            synchronized (mutations) {
                attempt = mutations.next();
            }
            sent.incrementAndGet();
            clients.send(attempt).onComplete(result -> {
                if (result.succeeded()) {
                    judge(attempt, result.result());
                } else {
                    complaints.add("no answer (" + result.cause() + ") to " + attempt);
                }
                next(mutations, left, done);
            });
        }

        private void judge(Attempt attempt, Clients.Reply reply) {
            String status = attempt.grpc() ? "grpc " + reply.grpcStatus() : String.valueOf(reply.status());
            statuses.computeIfAbsent(status, first -> new AtomicLong()).incrementAndGet();
            // Who asks for an answer within a microsecond gets none, and is told so.
            boolean late = reply.status() == 504 && attempt.mentions("timeout");
            boolean blamed = (reply.status() >= 500 && !late) || SERVERS_FAULT.contains(reply.grpcStatus());
            boolean silent = attempt.grpc() && reply.status() == 200 && reply.grpcStatus() < 0;
            boolean tells =
                    reply.status() >= 400 && INTERNALS.matcher(reply.text()).find();
            if (blamed || silent || tells) {
                complaints.add(reply.status() + " " + reply.text() + " to " + attempt);
            }
        }
    }
}
