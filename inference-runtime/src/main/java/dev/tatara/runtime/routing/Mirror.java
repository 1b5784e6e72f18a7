package dev.tatara.runtime.routing;

import dev.tatara.runtime.routing.AnswerComparison.Answer;
import dev.tatara.runtime.routing.Peers.Peer;
import dev.tatara.runtime.routing.RouterMeters.CopyOutcome;
import dev.tatara.traffic.TrafficTable.Shadow;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * One event loop's copies of requests to a revision whose answers nobody gets. A copy is sent after its request was
 * answered, by connections of its own; where too much is under way it is dropped. Nothing waits for it.
 */
public final class Mirror {
    private static final int PERCENT = 100;
    private static final int MOST_CONNECTIONS = 16;
    private static final int MOST_UNDER_WAY = 64;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Routing routing;
    private final TrafficCounts counts;
    private final long mostBytes;
    private final Peers peers = new Peers();
    private HttpClient requests;
    private HttpClient calls;
    private int underWay;

    /**
     * @param mostBytes of a request, with what is known of its features
     */
    public Mirror(Routing routing, TrafficCounts counts, long mostBytes) {
        this.routing = routing;
        this.counts = counts;
        this.mostBytes = mostBytes;
    }

    /** Must be called on the event loop. */
    public void open(Vertx vertx) {
        requests = Forwarder.client(vertx, HttpVersion.HTTP_1_1, MOST_CONNECTIONS, MOST_UNDER_WAY);
        calls = Forwarder.client(vertx, HttpVersion.HTTP_2, 1, MOST_UNDER_WAY);
    }

    public void close() {
        if (requests != null) {
            requests.close();
            calls.close();
        }
    }

    /**
     * The copy of a request that was chosen for a revision.
     *
     * @param comparison of the answers
     * @return null if this request isn't copied
     */
    public Copy copy(Routes routes, Side chosen, HttpServerRequest request, boolean call, AnswerComparison comparison) {
        Shadow shadow = routes.table().shadow();
        if (shadow == null
                || routes.shadow().isClosed()
                || chosen.index() == routes.shadow().index()
                || ThreadLocalRandom.current().nextInt(PERCENT) >= shadow.percent()) {
            return null;
        }
        return new Copy(this, routes, request, call, comparison);
    }

    /** Sends a copy, or drops it. */
    void send(Copy copy, Buffer body, Answer answer, byte[] features) {
        long sent = body.length() + (long) features.length;
        long bytes = sent + answer.bytes().length;
        if (underWay >= MOST_UNDER_WAY
                || sent > mostBytes
                || !routing.shadowing().hold(bytes)) {
            dropped();
            return;
        }
        Peer peer = peers.pick(copy.routes(), copy.routes().shadow(), null);
        if (peer == null) {
            routing.shadowing().release(bytes);
            failed();
            return;
        }
        underWay++;
        peer.begin();
        new CopyExchange(this, copy, peer, body, features, answer, bytes).start(copy.isCall() ? calls : requests);
    }

    /** A copy and its answer are done with. */
    void ended(Peer peer) {
        underWay--;
        peer.end();
    }

    static long patienceNanos() {
        return PATIENCE_NANOS;
    }

    Routing routing() {
        return routing;
    }

    TrafficCounts counts() {
        return counts;
    }

    void dropped() {
        counts.copyDropped();
        routing.meters().copied(CopyOutcome.DROPPED);
    }

    void failed() {
        counts.copyFailed();
        routing.meters().copied(CopyOutcome.FAILED);
    }
}
