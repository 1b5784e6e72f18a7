package dev.tatara.runtime.routing;

import dev.tatara.runtime.routing.AnswerComparison.Answer;
import dev.tatara.runtime.routing.Peers.Peer;
import dev.tatara.runtime.routing.RouterMeters.CopyOutcome;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** One copy on its way, and its answer on the way to be compared. */
final class CopyExchange {
    private static final Logger LOG = Logger.getLogger(CopyExchange.class);
    private static final int OK = 200;
    private static final String GRPC_STATUS = "grpc-status";
    private static final String GRPC_OK = "0";
    private static final int GRPC_PREFIX = 5;
    private static final String JSON_LENGTH = "inference-header-content-length";

    private final Mirror mirror;
    private final Copy copy;
    private final Peer peer;
    private final Buffer body;
    private final byte[] features;
    private final Answer answer;
    private final long held;
    private boolean done;

    CopyExchange(Mirror mirror, Copy copy, Peer peer, Buffer body, byte[] features, Answer answer, long held) {
        this.mirror = mirror;
        this.copy = copy;
        this.peer = peer;
        this.body = body;
        this.features = features;
        this.answer = answer;
        this.held = held;
    }

    void start(HttpClient client) {
        RequestOptions options = new RequestOptions()
                .setHost(peer.address().host())
                .setPort(peer.address().port())
                .setURI(copy.request().uri())
                .setMethod(HttpMethod.POST)
                .setIdleTimeout(TimeUnit.NANOSECONDS.toMillis(Mirror.patienceNanos()));
        client.request(options).onComplete(opened -> {
            if (opened.failed()) {
                failed(null, opened.cause().getMessage());
            } else {
                send(opened.result());
            }
        });
    }

    private void send(HttpClientRequest to) {
        MultiMap headers = to.headers();
        RoutingHeaders.copyRequest(copy.request().headers(), headers);
        headers.set(RoutingHeaders.REVISION, copy.routes().shadow().revision());
        headers.set(RoutingHeaders.GENERATION, Long.toString(copy.routes().generation()));
        headers.set(RoutingHeaders.SHADOW, "1");
        headers.remove(HttpHeaders.ACCEPT_ENCODING);
        if (copy.isCall()) {
            headers.set("te", "trailers");
            headers.remove("grpc-timeout");
        } else {
            headers.remove(HttpHeaders.CONTENT_ENCODING);
        }
        if (features.length > 0) {
            headers.set(RoutingHeaders.FEATURES, Integer.toString(features.length));
        }
        to.send(whole()).onComplete(answered -> {
            if (answered.failed()) {
                failed(to, answered.cause().getMessage());
            } else {
                receive(to, answered.result());
            }
        });
    }

    /** What is known of the features, and the request. */
    private Buffer whole() {
        if (features.length == 0) {
            return body;
        }
        Buffer whole = Buffer.buffer(GRPC_PREFIX + features.length + body.length());
        if (copy.isCall()) {
            whole.appendByte((byte) 0).appendInt(features.length);
        }
        return whole.appendBytes(features).appendBuffer(body);
    }

    private void receive(HttpClientRequest from, HttpClientResponse response) {
        Buffer received = Buffer.buffer();
        response.handler(piece -> {
            if (!done && received.length() + (long) piece.length() > Shadowing.MOST_BYTES) {
                failed(from, "the answer is larger than " + Shadowing.MOST_BYTES + " bytes");
            } else if (!done) {
                received.appendBuffer(piece);
            }
        });
        response.exceptionHandler(broken -> failed(from, broken.getMessage()));
        response.endHandler(end -> {
            if (!done) {
                answered(response, received);
            }
        });
    }

    private void answered(HttpClientResponse response, Buffer received) {
        if (response.statusCode() != OK || (copy.isCall() && !GRPC_OK.equals(response.getTrailer(GRPC_STATUS)))) {
            failed(null, "answered " + response.statusCode());
            return;
        }
        done = true;
        mirror.ended(peer);
        String length = response.getHeader(JSON_LENGTH);
        Answer shadow = new Answer(received.getBytes(), length == null ? -1 : Integer.parseInt(length));
        if (!mirror.routing().shadowing().compare(() -> compare(shadow))) {
            mirror.dropped();
            mirror.routing().shadowing().release(held);
        }
    }

    /** On the thread that compares. */
    private void compare(Answer shadow) {
        try {
            Routes routes = copy.routes();
            String difference = copy.comparison()
                    .difference(answer, shadow, routes.table().shadow().tolerance());
            mirror.counts().compared(difference == null);
            mirror.routing().meters().copied(difference == null ? CopyOutcome.SAME : CopyOutcome.DIFFERENT);
            if (difference != null) {
                mirror.routing()
                        .shadowing()
                        .mismatches()
                        .add(
                                copy.request().path(),
                                routes.shadow().revision(),
                                difference,
                                body.getBytes(),
                                answer.bytes(),
                                shadow.bytes());
            }
        } catch (RuntimeException e) {
            LOG.error("answers could not be compared", e);
            mirror.failed();
        } finally {
            mirror.routing().shadowing().release(held);
        }
    }

    private void failed(HttpClientRequest to, String why) {
        if (done) {
            return;
        }
        done = true;
        LOG.debugf("a copy for %s failed: %s", peer.address(), why);
        if (to != null) {
            to.reset();
        }
        peer.avoid();
        mirror.ended(peer);
        mirror.routing().shadowing().release(held);
        mirror.failed();
    }
}
