package dev.tatara.runtime.routing;

import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.routing.Peers.Peer;
import dev.tatara.runtime.settings.BodyBounds;
import dev.tatara.runtime.settings.RuntimeSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** One event loop's way to other pods. */
public final class Forwarder {
    /** A pod on the same network accepts within microseconds; one that is gone never does. */
    private static final int CONNECT_MILLIS = 500;

    private static final int MOST_CONNECTIONS = 64;
    private static final int MOST_WAITING = 512;
    private static final int CALL_CONNECTIONS = 2;
    private static final int STREAMS = 200;
    private static final int STREAM_WINDOW = 1 << 20;
    private static final int CONNECTION_WINDOW = 4 << 20;
    /** Shorter than the other pod's patience with silent connections, so that it is never the one to close. */
    private static final int KEPT_SECONDS = 30;

    /** Beyond the longest wait for a turn: the other pod's own answer that it took too long comes first. */
    private static final Duration GRACE = Duration.ofSeconds(30);

    private final Routing routing;
    private final TrafficCounts counts;
    private final AtomicLong bufferedBytes;
    private final long mostBufferedBytes;
    private final long mostBytes;
    private final long longestNanos;
    private final Peers peers = new Peers();
    private final Mirror mirror;
    private HttpClient requests;
    private HttpClient calls;

    /**
     * @param bufferedBytes what requests hold that aren't done, of all event loops
     */
    public Forwarder(Routing routing, TrafficCounts counts, AtomicLong bufferedBytes, RuntimeSettings settings) {
        this.routing = routing;
        this.counts = counts;
        this.bufferedBytes = bufferedBytes;
        BodyBounds bodies = BodyBounds.of(settings);
        mostBufferedBytes = bodies.mostBufferedBytes();
        mostBytes = bodies.mostBytes();
        mirror = new Mirror(routing, counts, mostBytes);
        longestNanos = settings.limits().maxWait().plus(GRACE).toNanos();
    }

    /** Must be called on the event loop. */
    public void open(Vertx vertx) {
        requests = client(vertx, HttpVersion.HTTP_1_1, MOST_CONNECTIONS, MOST_WAITING);
        calls = client(vertx, HttpVersion.HTTP_2, CALL_CONNECTIONS, MOST_WAITING);
        mirror.open(vertx);
    }

    /**
     * A client of an event loop.
     *
     * @param connections to one pod
     * @param waiting requests that may wait for one of them
     */
    static HttpClient client(Vertx vertx, HttpVersion version, int connections, int waiting) {
        HttpClientOptions options = new HttpClientOptions()
                .setProtocolVersion(version)
                .setHttp2ClearTextUpgrade(false)
                .setHttp2MultiplexingLimit(STREAMS)
                .setHttp2ConnectionWindowSize(CONNECTION_WINDOW)
                .setConnectTimeout(CONNECT_MILLIS)
                .setKeepAliveTimeout(KEPT_SECONDS)
                .setHttp2KeepAliveTimeout(KEPT_SECONDS);
        options.getInitialSettings().setInitialWindowSize(STREAM_WINDOW);
        return vertx.httpClientBuilder()
                .with(options)
                .with(new PoolOptions()
                        .setHttp1MaxSize(connections)
                        .setHttp2MaxSize(connections)
                        .setMaxWaitQueueSize(waiting))
                .build();
    }

    /** Copies of requests. */
    public Mirror mirror() {
        return mirror;
    }

    /** Has another revision's pod answer. */
    public void forward(Routes routes, Side side, Forwarded request) {
        int bytes = request.body().length();
        if (bufferedBytes.addAndGet(bytes) > mostBufferedBytes) {
            bufferedBytes.addAndGet(-bytes);
            request.fail(new RequestException(503, "too many large requests at once: try again later"));
            return;
        }
        new Forward(this, routes, side, request).start();
    }

    /** Has another revision's pod answer a stream. */
    public void relay(Routes routes, Side side, Relay.Stream stream) {
        new Relay(this, routes, side, stream).start();
    }

    /** Asks for a connection to a pod. */
    Future<HttpClientRequest> open(Peer peer, boolean call, String uri, long leftNanos) {
        return (call ? calls : requests)
                .request(new RequestOptions()
                        .setHost(peer.address().host())
                        .setPort(peer.address().port())
                        .setURI(uri)
                        .setMethod(HttpMethod.POST)
                        .setConnectTimeout(CONNECT_MILLIS)
                        .setIdleTimeout(Math.max(1, TimeUnit.NANOSECONDS.toMillis(leftNanos))));
    }

    Peers peers() {
        return peers;
    }

    Routing routing() {
        return routing;
    }

    TrafficCounts counts() {
        return counts;
    }

    /** How long to wait for another pod at most. */
    long longestNanos() {
        return longestNanos;
    }

    /** The largest answer that is taken. */
    long mostBytes() {
        return mostBytes;
    }

    /** A request that was kept is done. */
    void release(int bytes) {
        bufferedBytes.addAndGet(-bytes);
    }

    public void close() {
        if (requests != null) {
            requests.close();
            calls.close();
            mirror.close();
        }
    }
}
