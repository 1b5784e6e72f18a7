package dev.tatara.runtime.inference;

import dev.tatara.onnx.OnnxCall;
import dev.tatara.onnx.OnnxModel;
import dev.tatara.onnx.OnnxRuntime;
import dev.tatara.onnx.SessionSettings;
import dev.tatara.onnx.ValueInfo;
import dev.tatara.runtime.model.Batchability;
import dev.tatara.runtime.model.RunCost;
import dev.tatara.runtime.model.ServedModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Shows where batching pays, without a network: callers that ask again as soon as they are answered, by turns at a bare
 * loop over ONNX Runtime, at workers that run requests one by one, and at workers that batch, with and without waiting.
 * Run by {@code bench/batching}; rounds are interleaved, so that ratios hold on a busy machine.
 */
public final class BatchingBench {
    private static final int ROUNDS = 5;
    private static final int[] CALLERS = {1, 4, 8, 32, 64};
    private static final Duration ROUND = Duration.ofMillis(Long.getLong("bench.round.millis", 700));
    private static final int WORKERS = Integer.getInteger("bench.workers", 2);

    private final ServedModel model;

    private record Way(String name, int maxRows, Duration maxDelay) {}

    private record Round(double perSecond, double p50, double p99, double rowsPerRun) {}

    private BatchingBench(ServedModel model) {
        this.model = model;
    }

    /**
     * Measures one model after the other and prints.
     *
     * @param arguments models' files
     */
    public static void main(String[] arguments) throws InterruptedException {
        OnnxRuntime runtime = OnnxRuntime.open();
        for (String file : arguments) {
            OnnxModel onnx = runtime.load(Path.of(file), SessionSettings.singleThread());
            RunCost cost = cost(onnx);
            System.out.printf(
                    Locale.ROOT,
                    "%n%s: one row takes %.0f µs, each further one %.0f µs%n",
                    Path.of(file).getFileName(),
                    cost.ofRows(1) / 1e3,
                    cost.perRowNanos() / 1e3);
            try (ServedModel model = new ServedModel("bench", "1", "0".repeat(64), onnx, Batchability.possible(cost))) {
                new BatchingBench(model).compare();
            }
        }
    }

    private static RunCost cost(OnnxModel onnx) {
        return RunCost.of(time(onnx, 1), 8, time(onnx, 8));
    }

    private static Duration time(OnnxModel onnx, int rows) {
        ServedModel model =
                new ServedModel("cost", "1", "0".repeat(64), onnx, Batchability.impossible("", Duration.ofMillis(1)));
        InferenceRequest request = request(model, rows);
        try (OnnxCall call = onnx.newCall()) {
            request.feed(call);
            long[] took = new long[50];
            for (int i = 0; i < took.length; i++) {
                long started = System.nanoTime();
                call.run();
                took[i] = System.nanoTime() - started;
            }
            Arrays.sort(took);
            return Duration.ofNanos(took[took.length / 2]);
        } finally {
            request.free();
        }
    }

    private static InferenceRequest request(ServedModel model, int rows) {
        InferenceRequest request = new InferenceRequest(model);
        for (int i = 0; i < request.inputCount(); i++) {
            InputTensor input = request.input(i);
            ValueInfo info = input.info();
            long[] shape = info.shape().stream().mapToLong(Math::abs).toArray();
            shape[0] = rows;
            long elements = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
            input.addAll(
                    new byte[(int) elements * info.datatype().byteSize()],
                    0,
                    (int) elements * info.datatype().byteSize());
            input.setShape(shape, shape.length);
        }
        return request;
    }

    private void compare() throws InterruptedException {
        List<Way> ways = List.of(
                new Way("one by one", 1, Duration.ZERO),
                new Way("batched, no waiting", 32, Duration.ZERO),
                new Way("batched, 2 ms", 32, Duration.ofMillis(2)));
        for (int callers : CALLERS) {
            List<List<Round>> rounds = new ArrayList<>();
            ways.forEach(way -> rounds.add(new ArrayList<>()));
            List<Double> bare = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                bare.add(bareLoop(Math.min(callers, WORKERS)));
                for (int i = 0; i < ways.size(); i++) {
                    rounds.get(i).add(run(ways.get(i), callers));
                }
            }
            double bound = median(bare);
            System.out.printf(Locale.ROOT, "%3d callers  %-20s %8.0f/s%n", callers, "bare loop", bound);
            for (int i = 0; i < ways.size(); i++) {
                List<Round> all = rounds.get(i);
                double perSecond = median(all.stream().map(Round::perSecond).toList());
                System.out.printf(
                        Locale.ROOT,
                        "             %-20s %8.0f/s  %5.2f x bare  p50 %7.2f ms  p99 %7.2f ms  %5.1f rows a run%n",
                        ways.get(i).name(),
                        perSecond,
                        perSecond / bound,
                        median(all.stream().map(Round::p50).toList()),
                        median(all.stream().map(Round::p99).toList()),
                        median(all.stream().map(Round::rowsPerRun).toList()));
            }
        }
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private double bareLoop(int threads) throws InterruptedException {
        AtomicLong runs = new AtomicLong();
        AtomicBoolean going = new AtomicBoolean(true);
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            all.add(Thread.ofPlatform().start(() -> {
                InferenceRequest request = request(model, 1);
                try (OnnxCall call = model.newCall()) {
                    request.feed(call);
                    while (going.get()) {
                        call.run();
                        runs.incrementAndGet();
                    }
                } finally {
                    request.free();
                }
            }));
        }
        Thread.sleep(ROUND);
        long counted = runs.get();
        going.set(false);
        for (Thread thread : all) {
            thread.join();
        }
        return counted * 1e9 / ROUND.toNanos();
    }

    private Round run(Way way, int callers) throws InterruptedException {
        Counted counted = new Counted();
        BatchSettings settings =
                new BatchSettings(way.maxRows(), way.maxDelay(), 10_000, 1L << 30, Duration.ofMinutes(1));
        LinkedBlockingQueue<Caller> free = new LinkedBlockingQueue<>();
        List<Caller> all = new ArrayList<>();
        long[] latencies = new long[1 << 20];
        int done = 0;
        try (BatchingEngine engine = new BatchingEngine(new EngineState(model, settings, counted), WORKERS)) {
            for (int i = 0; i < callers; i++) {
                all.add(new Caller(request(model, 1), free));
                free.add(all.getLast());
            }
            long end = System.nanoTime() + ROUND.toNanos();
            while (System.nanoTime() < end) {
                Caller caller = free.take();
                if (caller.answeredNanos > 0 && done < latencies.length) {
                    latencies[done++] = caller.answeredNanos - caller.askedNanos;
                }
                caller.askedNanos = System.nanoTime();
                engine.submit(caller.request, caller);
            }
        }
        while (free.size() < callers) {
            Thread.onSpinWait();
        }
        all.forEach(caller -> caller.request.free());
        Arrays.sort(latencies, 0, done);
        long rows = counted.runs().stream().mapToLong(Long::longValue).sum();
        return new Round(
                done * 1e9 / ROUND.toNanos(),
                latencies[done / 2] / 1e6,
                latencies[(int) (done * 0.99)] / 1e6,
                (double) rows / counted.runs().size());
    }

    private static final class Caller implements InferenceEngine.Completion {
        private final InferenceRequest request;
        private final LinkedBlockingQueue<Caller> free;
        private volatile long askedNanos;
        private volatile long answeredNanos;

        private Caller(InferenceRequest request, LinkedBlockingQueue<Caller> free) {
            this.request = request;
            this.free = free;
        }

        @Override
        public void answered(InferenceRequest whose, InferenceAnswer answer) {
            answeredNanos = System.nanoTime();
            free.add(this);
        }

        @Override
        public void failed(InferenceRequest whose, RequestException failure) {
            free.add(this);
        }
    }
}
