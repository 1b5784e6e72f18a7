package dev.tatara.operator.testing;

import dev.tatara.testing.KubeApi;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A client of an operator that dies: after its n-th write has reached the server nothing it asks for goes out any more,
 * as when the process is killed between one write and the next.
 */
public final class MortalClient implements AutoCloseable {
    private final KubernetesClient client;
    private final AtomicInteger writes = new AtomicInteger();
    private final Queue<String> written = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean dead = new AtomicBoolean();
    private final int lifetime;
    private volatile long lastWrite = System.nanoTime();

    private MortalClient(KubeApi api, int lifetime) {
        this.lifetime = lifetime;
        this.client = new KubernetesClientBuilder()
                .withConfig(api.config())
                .withHttpClientBuilderConsumer(builder -> builder.addOrReplaceInterceptor("mortality", new Mortality()))
                .build();
    }

    /** A client that dies after {@code writes} writes. */
    public static MortalClient dyingAfter(KubeApi api, int writes) {
        return new MortalClient(api, writes);
    }

    /** A client that lives on, and counts. */
    public static MortalClient immortal(KubeApi api) {
        return new MortalClient(api, Integer.MAX_VALUE);
    }

    public KubernetesClient client() {
        return client;
    }

    public boolean isDead() {
        return dead.get();
    }

    /** Writes that reached the server so far: method and path, in order. */
    public List<String> written() {
        return List.copyOf(written);
    }

    /** How long ago the last write was, or the client was made. */
    public Duration idleFor() {
        return Duration.ofNanos(System.nanoTime() - lastWrite);
    }

    @Override
    public void close() {
        client.close();
    }

    private final class Mortality implements Interceptor {
        @Override
        public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            if (dead.get()) {
                throw new IllegalStateException("this operator was killed");
            }
            if (!request.method().equals("GET")) {
                var count = writes.incrementAndGet();
                if (count > lifetime) {
                    dead.set(true);
                    throw new IllegalStateException("this operator is killed before its write number " + count);
                }
            }
        }

        @Override
        public void after(
                HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
            if (!request.method().equals("GET")) {
                lastWrite = System.nanoTime();
                written.add(request.method() + " " + request.uri().getPath() + " " + response.code());
            }
        }
    }
}
