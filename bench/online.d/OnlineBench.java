package dev.tatara.runtime.features;

import dev.tatara.onnx.OnnxRuntime;
import dev.tatara.onnx.SessionSettings;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.metrics.ProcessMetrics;
import dev.tatara.runtime.model.Batchability;
import dev.tatara.runtime.model.ModelFacts;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.settings.RuntimeSettings;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Scanner;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * What a pod does to look the features of one row up, on its event loop: from the key in the request's memory to the values
 * in the model's input. For each line of the standard input, a number of lookups one after the other, it writes a line with
 * what they took, in microseconds: median and 99th percentile.
 */
final class OnlineBench {
    private OnlineBench() {}

    private record Settings(Path folder) implements RuntimeSettings.Features {
        @Override
        public Optional<Path> file() {
            return Optional.of(folder.resolve("features.json"));
        }

        @Override
        public Path credentialsDir() {
            return folder;
        }

        @Override
        public Duration timeout() {
            return Duration.ofSeconds(5);
        }

        @Override
        public OnMissing onMissing() {
            return OnMissing.REJECT;
        }
    }

    public static void main(String... arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        int users = Integer.parseInt(arguments[2]);
        int features = Integer.parseInt(arguments[3]);
        List<String> names = IntStream.range(0, features).mapToObj(i -> "f" + i).toList();
        ServedModel model = new ServedModel(
                "bench",
                "1",
                "0".repeat(64),
                OnnxRuntime.open().load(Path.of(arguments[1]), SessionSettings.singleThread()),
                Batchability.impossible("not tried", Duration.ofNanos(1)),
                new ModelFacts(names, List.of(), Optional.empty(), Optional.empty(), Map.of()));
        FeatureStores stores =
                FeatureStores.of(new Settings(folder), new ProcessMetrics()).orElseThrow();
        ModelLookup plan = stores.planFor(model);
        Vertx vertx = Vertx.vertx();
        CompletableFuture<Walk> ready = new CompletableFuture<>();
        var loop = vertx.getOrCreateContext();
        loop.runOnContext(now -> {
            StoreLinks links = new StoreLinks(stores);
            links.open(vertx, loop);
            ready.complete(new Walk(new Lookups(plan, links), new InferenceRequest(model, plan.layout()), users));
        });
        Walk walk = ready.get();
        try (Scanner in = new Scanner(System.in)) {
            while (in.hasNextInt()) {
                int count = in.nextInt();
                CompletableFuture<long[]> took = new CompletableFuture<>();
                loop.runOnContext(now -> walk.start(count, took));
                long[] nanos = took.get();
                Arrays.sort(nanos);
                System.out.printf(
                        "%.1f %.1f%n", nanos[count / 2] / 1e3, nanos[(int) Math.min(count - 1, count * 0.99)] / 1e3);
            }
        }
        System.exit(0);
    }

    /** One lookup after the other, each of another user. */
    private static final class Walk implements Lookups.Completion {
        private final Lookups lookups;
        private final InferenceRequest request;
        private final int users;
        private final Random random = new Random(1);
        private CompletableFuture<long[]> took;
        private long[] nanos;
        private int at;
        private long began;

        Walk(Lookups lookups, InferenceRequest request, int users) {
            this.lookups = lookups;
            this.request = request;
            this.users = users;
        }

        void start(int count, CompletableFuture<long[]> result) {
            nanos = new long[count];
            took = result;
            at = 0;
            next();
        }

        private void next() {
            request.reset();
            try {
                request.entityKeys().key(0).addLong(random.nextInt(users));
                request.entityKeys().leaveInput(request.input(0), 0, 1);
            } catch (RequestException e) {
                took.completeExceptionally(e);
                return;
            }
            began = System.nanoTime();
            lookups.look(request, this);
        }

        @Override
        public void found() {
            nanos[at++] = System.nanoTime() - began;
            if (at == nanos.length) {
                took.complete(nanos);
            } else {
                next();
            }
        }

        @Override
        public void notFound(RequestException why) {
            if (at == 0 && why.status() == 503) {
                // Not connected yet: a busy machine takes its time.
                Vertx.currentContext().owner().setTimer(100, now -> next());
                return;
            }
            took.completeExceptionally(why);
        }
    }
}
