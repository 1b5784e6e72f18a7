package dev.tatara.operator.inferenceservice.traffic;

import dev.tatara.operator.inferenceservice.plan.PodRenderer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Calls of pods' admin ports: many at a time, but no more than so many, and none for long. A call that waits for its
 * turn holds no thread, and neither does one that is under way.
 */
public final class PodCalls implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(1);

    private final int most;
    private final Duration timeout;
    private final Function<ServingPod, String> authority;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int underWay;

    /**
     * Calls of admin ports where pods have them.
     *
     * @param most calls under way at the same time
     * @param timeout how long a call may take
     */
    public PodCalls(int most, Duration timeout) {
        this(most, timeout, pod -> pod.at(PodRenderer.ADMIN_PORT));
    }

    PodCalls(int most, Duration timeout, Function<ServingPod, String> authority) {
        this.most = most;
        this.timeout = timeout;
        this.authority = authority;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT.compareTo(timeout) < 0 ? CONNECT : timeout)
                .executor(executor)
                .build();
    }

    /**
     * Puts a JSON document.
     *
     * @param urgent doesn't wait for its turn
     */
    CompletableFuture<HttpResponse<byte[]>> put(ServingPod pod, String path, String json, boolean urgent) {
        var request = HttpRequest.newBuilder(address(pod, path))
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(json))
                .build();
        return call(request, 64 << 10, urgent);
    }

    /**
     * Gets a document.
     *
     * @param mostBytes a longer one fails the call
     */
    CompletableFuture<HttpResponse<byte[]>> get(ServingPod pod, String path, int mostBytes) {
        return call(HttpRequest.newBuilder(address(pod, path)).build(), mostBytes, false);
    }

    @Override
    public void close() {
        http.shutdownNow();
        executor.shutdown();
    }

    /** Where a pod's admin port is, for people. */
    String where(ServingPod pod) {
        return authority.apply(pod);
    }

    private URI address(ServingPod pod, String path) {
        return URI.create("http://" + authority.apply(pod) + path);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the answer tells, either way
    private CompletableFuture<HttpResponse<byte[]>> call(HttpRequest request, int mostBytes, boolean urgent) {
        var answer = new CompletableFuture<HttpResponse<byte[]>>();
        Runnable start = () -> {
            var sent = http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), mostBytes));
            // The request's own limit ends with the headers: this one ends with the last byte.
            sent.copy().orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS).whenComplete((response, failure) -> {
                sent.cancel(true);
                next();
                if (failure == null) {
                    answer.complete(response);
                } else {
                    answer.completeExceptionally(failure);
                }
            });
        };
        synchronized (waiting) {
            if (!urgent && underWay >= most) {
                waiting.add(start);
                return answer;
            }
            underWay++;
        }
        start.run();
        return answer;
    }

    private void next() {
        Runnable start;
        synchronized (waiting) {
            start = underWay > most ? null : waiting.poll();
            if (start == null) {
                underWay--;
            }
        }
        if (start != null) {
            start.run();
        }
    }
}
