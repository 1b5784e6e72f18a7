package dev.tatara.runtime.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.TestModels;
import dev.tatara.runtime.inference.EngineMeters.Cancellation;
import dev.tatara.runtime.model.Batchability;
import dev.tatara.runtime.model.RunCost;
import dev.tatara.runtime.model.ServedModel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever comes in whatever order: everybody is answered once, with his own rows, and nobody pays for another's fault. */
class BatchingPropertiesTest {
    private static final RunCost QUICK = new RunCost(100_000, 10_000);
    private static ServedModel model;

    /** What a client does. */
    enum Fate {
        PATIENT,
        BAD,
        GONE,
        LATE
    }

    record Call(int rows, int columns, Fate fate, int outputs) {}

    @BeforeContainer
    static void open() {
        model = TestModels.load("fails-on-some", Batchability.possible(QUICK));
    }

    @AfterContainer
    static void close() {
        model.close();
    }

    @Provide
    Arbitrary<Call> calls() {
        return Combinators.combine(
                        Arbitraries.frequency(
                                Tuple.of(20, 1), Tuple.of(5, 2), Tuple.of(2, 7), Tuple.of(1, 0), Tuple.of(1, 40)),
                        Arbitraries.integers().between(1, 3),
                        Arbitraries.frequency(
                                Tuple.of(20, Fate.PATIENT),
                                Tuple.of(3, Fate.BAD),
                                Tuple.of(2, Fate.GONE),
                                Tuple.of(2, Fate.LATE)),
                        Arbitraries.integers().between(0, 3))
                .as(Call::new);
    }

    @Property(tries = 150)
    void onWorkers(
            @ForAll @Size(min = 1, max = 60) List<@From("calls") Call> calls,
            @ForAll @IntRange(min = 1, max = 9) int maxRows,
            @ForAll @IntRange(min = 1, max = 3) int workers,
            @ForAll @IntRange(max = 2) int delayMillis)
            throws Exception {
        Counted counted = new Counted();
        BatchSettings settings =
                new BatchSettings(maxRows, Duration.ofMillis(delayMillis), 1_000, 1 << 20, Duration.ofMinutes(1));
        List<Asked> all = new ArrayList<>();
        try (BatchingEngine engine = new BatchingEngine(new EngineState(model, settings, counted), workers)) {
            CountDownLatch gathered = new CountDownLatch(1);
            for (int i = 0; i < workers; i++) {
                Asked first = new Asked(model, -1 - i, 1, 4 + i, false).holdingUp(gathered);
                engine.submit(first.request, first);
                all.add(first.await());
            }
            Thread other = Thread.ofPlatform().start(() -> submit(calls, 1, engine, all));
            submit(calls, 0, engine, all);
            other.join();
            gathered.countDown();
            all.forEach(Asked::await);
        }
        check(calls, all.subList(workers, all.size()), counted, maxRows, workers);
    }

    @Property(tries = 150)
    void onAnEventLoop(
            @ForAll @Size(min = 1, max = 60) List<@From("calls") Call> calls,
            @ForAll @IntRange(min = 1, max = 9) int maxRows,
            @ForAll @IntRange(min = 1, max = 20) int perTurn) {
        Counted counted = new Counted();
        BatchSettings settings = new BatchSettings(maxRows, Duration.ZERO, 1, 1, Duration.ofMinutes(1));
        Queue<Runnable> loop = new ArrayDeque<>();
        List<Asked> all = new ArrayList<>();
        try (EventLoopEngine engine = new EventLoopEngine(
                new EngineState(model, settings, counted), Duration.ofDays(1), loop::add, (unused, completion) -> {
                    throw new AssertionError("nothing takes that long");
                })) {
            for (int i = 0; i < calls.size(); i += perTurn) {
                submit(calls.subList(i, Math.min(calls.size(), i + perTurn)), -1, engine, all);
                while (!loop.isEmpty()) {
                    loop.remove().run();
                }
                assertThat(all).allMatch(Asked::isDone);
            }
        }
        check(calls, all, counted, maxRows, 0);
    }

    private static void submit(List<Call> calls, int every, InferenceEngine engine, List<Asked> all) {
        for (int i = 0; i < calls.size(); i++) {
            if (every >= 0 && i % 2 != every) {
                continue;
            }
            Call call = calls.get(i);
            Asked asked;
            synchronized (all) {
                asked = new Asked(model, all.size(), call.rows(), call.columns(), call.fate() == Fate.BAD);
                asked.call = call;
                all.add(asked);
            }
            switch (call.outputs()) {
                case 0 -> asked.outputs(1);
                case 1 -> asked.outputs(1, 0);
                case 2 -> asked.outputs(0);
                default -> {}
            }
            switch (call.fate()) {
                case GONE -> asked.request.abandon();
                case LATE -> asked.request.setDeadlineNanos(System.nanoTime() - 1);
                case PATIENT, BAD -> {}
            }
            engine.submit(asked.request, asked);
        }
    }

    private static void check(List<Call> calls, List<Asked> all, Counted counted, int maxRows, int held) {
        assertThat(all).hasSameSizeAs(calls);
        long answeredRows = held;
        int answered = held;
        for (Asked asked : all) {
            Call call = asked.call;
            assertThat(asked.completions).hasValue(1);
            boolean bad = call.fate() == Fate.BAD && call.rows() > 0;
            assertThat(asked.status())
                    .isEqualTo(
                            switch (call.fate()) {
                                case PATIENT, BAD -> bad ? 400 : 200;
                                case GONE -> 499;
                                case LATE -> 504;
                            });
            if (asked.failure == null) {
                answered++;
                answeredRows += call.rows();
                assertThat(asked.answers)
                        .hasSize(asked.request.outputs().length)
                        .allMatch(asked.sent::equals);
                assertThat(asked.shapes).allMatch(shape -> shape[0] == call.rows() && shape[1] == call.columns());
            }
            asked.request.free();
        }
        assertThat(counted.waited()).isEqualTo(answered);
        assertThat(counted.runs().stream().mapToLong(Long::longValue).sum()).isEqualTo(answeredRows);
        assertThat(counted.runs())
                .allMatch(rows -> rows <= maxRows || calls.stream().anyMatch(call -> call.rows() == rows));
        assertThat(counted.cancellations())
                .containsExactlyInAnyOrderElementsOf(calls.stream()
                        .filter(call -> call.fate() == Fate.GONE || call.fate() == Fate.LATE)
                        .map(call -> call.fate() == Fate.GONE ? Cancellation.DISCONNECTED : Cancellation.DEADLINE)
                        .toList());
    }
}
