package dev.tatara.steps.inspect;

import dev.tatara.contracts.ModelSignature;
import dev.tatara.contracts.TensorSpec;
import dev.tatara.onnx.ModelHeader;
import dev.tatara.onnx.OnnxException;
import dev.tatara.onnx.OnnxModel;
import dev.tatara.onnx.OnnxRuntime;
import dev.tatara.onnx.SessionSettings;
import dev.tatara.onnx.ValueInfo;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Loads a model in ONNX Runtime and runs it on zeros, on one thread, under a time-out. */
final class ModelProbe {
    private static final int WARM_UP_RUNS = 5;
    private static final int MOST_RUNS = 200;
    private static final Duration MEASURE_FOR = Duration.ofSeconds(1);

    private final Path file;
    private final ModelHeader header;
    private final Duration timeout;
    private final StepContext context;

    ModelProbe(Path file, ModelHeader header, Duration timeout, StepContext context) {
        this.file = file;
        this.header = header;
        this.timeout = timeout;
        this.context = context;
    }

    /**
     * What the probe found.
     *
     * @param latencyMillis 99th percentile of single rows; {@code null} where the model doesn't run on zeros
     * @param whyNotRun the runtime's words in that case
     */
    record Probed(ModelSignature signature, Double latencyMillis, String whyNotRun) {
        Optional<Double> latencyP99Millis() {
            return Optional.ofNullable(latencyMillis);
        }
    }

    Probed run() throws StepFailure {
        context.lastWords()
                .leave(
                        Reasons.RUNTIME_CRASHED,
                        "the process died while ONNX Runtime had the model: it ran out of memory or the model crashes"
                                + " the runtime; give the inspection more memory, or try the model by hand with"
                                + " tatara-steps inspect-model");
        var task = new FutureTask<>(this::loadAndRun);
        // Native code can't be interrupted: the thread is left behind, and ends with the process.
        Thread.ofPlatform().daemon().name("probe").start(task);
        try {
            return task.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw StepFailure.failed(
                    Reasons.INSPECTION_TIMED_OUT,
                    "loading the model and running it once took longer than %s; allow more with --probe-timeout"
                            .formatted(seconds(timeout)),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw StepFailure.failed("Interrupted", "stopped before the model was probed; run it again", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StepFailure failure) {
                throw failure;
            }
            throw new IllegalStateException("the probe ended in an unexpected way: " + e.getCause(), e);
        }
    }

    private Probed loadAndRun() throws StepFailure {
        try (var runtime = OnnxRuntime.open()) {
            try (var model = load(runtime)) {
                var signature = new ModelSignature(specs(model.inputs()), specs(model.outputs()));
                context.progress()
                        .say(
                                "loaded by ONNX Runtime %s: inputs %s, outputs %s",
                                runtime.version(), shown(signature.inputs()), shown(signature.outputs()));
                return measure(model, signature);
            }
        }
    }

    private OnnxModel load(OnnxRuntime runtime) throws StepFailure {
        try {
            return runtime.load(file, SessionSettings.singleThread());
        } catch (OnnxException e) {
            if (e.isUnsupportedOpset()) {
                throw StepFailure.rejected(
                        Reasons.UNSUPPORTED_OPSET,
                        "the model needs operator set %s, which ONNX Runtime %s doesn't know; export it with a lower one. The runtime says: %s"
                                .formatted(
                                        header.defaultOpset()
                                                .map(String::valueOf)
                                                .orElse(header.opsets().toString()),
                                        runtime.version(),
                                        RuntimeWords.of(e)));
            }
            throw switch (e.code()) {
                case INVALID_PROTOBUF ->
                    StepFailure.rejected(
                            Reasons.CORRUPT_MODEL,
                            "ONNX Runtime %s can't read the file; upload it again and compare its sha256. The runtime says: %s"
                                    .formatted(runtime.version(), RuntimeWords.of(e)));
                default ->
                    StepFailure.rejected(
                            Reasons.UNSUPPORTED_MODEL,
                            "ONNX Runtime %s can't load the model%s. The runtime says: %s"
                                    .formatted(runtime.version(), hint(e), RuntimeWords.of(e)));
            };
        }
    }

    private static String hint(OnnxException e) {
        var words = String.valueOf(RuntimeWords.of(e)).toLowerCase(Locale.ROOT);
        return words.contains("external data")
                        || words.contains("external_data")
                        || words.contains("external initializer")
                ? ", whose weights lie in another file; save it as one file (onnx.save or mlflow.onnx.log_model with save_as_external_data=False)"
                : "";
    }

    private Probed measure(OnnxModel model, ModelSignature signature) {
        try (var call = model.newCall()) {
            call.zeros(1);
            var started = System.nanoTime();
            call.run();
            context.progress().say("ran once on zeros in %.3f ms", (System.nanoTime() - started) / 1e6);
            for (int i = 0; i < WARM_UP_RUNS && withinTime(started); i++) {
                call.run();
            }
            var nanos = new long[MOST_RUNS];
            var runs = 0;
            do {
                var start = System.nanoTime();
                call.run();
                nanos[runs++] = System.nanoTime() - start;
            } while (runs < MOST_RUNS && withinTime(started));
            var p99 = percentile99(Arrays.copyOf(nanos, runs)) / 1e6;
            context.progress().say("p99 of %d runs of one row: %.3f ms", runs, p99);
            return new Probed(signature, p99, null);
        } catch (OnnxException e) {
            // The model loads; zeros need not be what it takes.
            context.progress().say("not run on zeros: %s", RuntimeWords.of(e));
            return new Probed(signature, null, RuntimeWords.of(e));
        }
    }

    private static boolean withinTime(long started) {
        return System.nanoTime() - started < MEASURE_FOR.toNanos();
    }

    /** Nearest rank: the smallest value that at least 99 % of all don't exceed. */
    static long percentile99(long[] values) {
        Arrays.sort(values);
        return values[(int) Math.ceil(values.length * 0.99) - 1];
    }

    private static List<TensorSpec> specs(List<ValueInfo> values) {
        return values.stream()
                .map(value -> new TensorSpec(value.name(), value.datatype().name(), value.shape()))
                .toList();
    }

    private static String shown(List<TensorSpec> tensors) {
        var first = tensors.stream()
                .limit(5)
                .map(tensor -> tensor.name() + " " + tensor.datatype() + tensor.shape())
                .toList();
        return tensors.size() > 5 ? first + " and " + (tensors.size() - 5) + " more" : first.toString();
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }
}
