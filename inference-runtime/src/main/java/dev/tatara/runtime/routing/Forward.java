package dev.tatara.runtime.routing;

import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.routing.Peers.Peer;
import dev.tatara.runtime.routing.RouterMeters.Outcome;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import org.jboss.logging.Logger;

/**
 * One request on its way to another revision: to the pod with the least under way, once more to another one if that
 * fails, and then it is answered here, unless this revision isn't to answer anything. Used on its event loop.
 */
final class Forward {
    private static final Logger LOG = Logger.getLogger(Forward.class);
    private static final int MOST_ATTEMPTS = 2;
    private static final int MISDIRECTED = 421;
    private static final int UNAVAILABLE = 503;
    private static final int NOT_FOUND = 404;
    private static final String GRPC_STATUS = "grpc-status";
    private static final String GRPC_NOT_FOUND = "5";

    private final Forwarder forwarder;
    private final Routes routes;
    private final Side side;
    private final Forwarded request;
    private final int held;
    private int attempts;
    private boolean done;
    private Peer peer;
    private HttpClientRequest outgoing;
    private Buffer first;
    private Buffer joined;

    Forward(Forwarder forwarder, Routes routes, Side side, Forwarded request) {
        this.forwarder = forwarder;
        this.routes = routes;
        this.side = side;
        this.request = request;
        held = request.body().length();
    }

    void start() {
        request.onGone(this::gone);
        attempt(null);
    }

    /** How long this may still take; 0 or less when it is over. */
    private long leftNanos() {
        long deadline = request.deadlineNanos();
        return deadline == 0
                ? forwarder.longestNanos()
                : Math.min(forwarder.longestNanos(), deadline - System.nanoTime());
    }

    private void attempt(Peer not) {
        long left = leftNanos();
        if (left <= 0) {
            standIn(false);
            return;
        }
        Peer next = forwarder.peers().pick(routes, side, not);
        if (next == null) {
            forwarder.counts().unreachable(side.revision());
            side.meters().forwarded(Outcome.UNREACHABLE);
            standIn(false);
            return;
        }
        attempts++;
        peer = next;
        next.begin();
        forwarder.open(next, request.isCall(), request.request().uri(), left).onComplete(opened -> {
            if (done) {
                if (opened.succeeded()) {
                    opened.result().reset();
                }
            } else if (opened.failed()) {
                unreachable(opened.cause());
            } else {
                send(opened.result());
            }
        });
    }

    private void send(HttpClientRequest to) {
        outgoing = to;
        MultiMap headers = to.headers();
        RoutingHeaders.copyRequest(request.request().headers(), headers);
        headers.set(RoutingHeaders.REVISION, side.revision());
        headers.set(RoutingHeaders.GENERATION, Long.toString(routes.generation()));
        long deadline = request.deadlineNanos();
        request.adjust(headers, deadline == 0 ? 0 : Math.max(1, deadline - System.nanoTime()));
        if (request.isCall()) {
            headers.set("te", "trailers");
        }
        to.send(request.body()).onComplete(answered -> {
            if (isOver(to)) {
                return;
            }
            if (answered.failed()) {
                unreachable(answered.cause());
            } else {
                receive(to, answered.result());
            }
        });
    }

    @SuppressWarnings("ReferenceEquality") // whether another attempt has begun since
    private boolean isOver(HttpClientRequest of) {
        return done || outgoing != of;
    }

    private void receive(HttpClientRequest from, HttpClientResponse answer) {
        first = null;
        joined = null;
        answer.handler(piece -> {
            if (!isOver(from)) {
                take(piece);
            }
        });
        answer.exceptionHandler(failure -> {
            if (!isOver(from)) {
                unreachable(failure);
            }
        });
        answer.endHandler(end -> {
            if (!isOver(from)) {
                answered(answer);
            }
        });
    }

    /** An answer that comes in one piece is sent on as it is. */
    private void take(Buffer piece) {
        if (first == null) {
            first = piece;
            return;
        }
        if (joined == null) {
            joined = Buffer.buffer(first.length() + piece.length()).appendBuffer(first);
        }
        if (joined.length() + (long) piece.length() > forwarder.mostBytes()) {
            unreachable(new IllegalStateException("its answer is larger than " + forwarder.mostBytes() + " bytes"));
        } else {
            joined.appendBuffer(piece);
        }
    }

    private static boolean isNotFound(HttpClientResponse answer, boolean call) {
        if (!call) {
            return answer.statusCode() == NOT_FOUND;
        }
        String status = answer.getTrailer(GRPC_STATUS);
        return GRPC_NOT_FOUND.equals(status == null ? answer.getHeader(GRPC_STATUS) : status);
    }

    private void answered(HttpClientResponse answer) {
        int status = answer.statusCode();
        if (status == UNAVAILABLE && answer.headers().contains(RoutingHeaders.CLOSED)) {
            // Its own table is newer than this pod's: it is the way back, and no fault of the revision.
            side.meters().forwarded(Outcome.CLOSED);
            leavePeer();
            again(true);
        } else if (status == MISDIRECTED
                || !side.revision().equals(answer.headers().get(RoutingHeaders.REVISION))) {
            unreachable(new IllegalStateException("it isn't of revision " + side.revision() + ", or not ready"));
        } else if (routes.mayStandIn() && isNotFound(answer, request.isCall())) {
            // Who asks for a model or version by name gets it where it is.
            side.meters().forwarded(Outcome.ANSWERED);
            leavePeer();
            finish();
            request.answerHere();
        } else {
            peer.trust();
            side.meters().forwarded(Outcome.ANSWERED);
            leavePeer();
            finish();
            Buffer body = joined != null ? joined : first != null ? first : Buffer.buffer();
            request.relay(new PeerAnswer(status, answer.headers(), body, answer.trailers()));
        }
    }

    private void unreachable(Throwable why) {
        LOG.debugf("a request can't be forwarded to %s of revision %s: %s", peer.address(), side.revision(), why);
        peer.avoid();
        side.meters().forwarded(Outcome.UNREACHABLE);
        forwarder.counts().unreachable(side.revision());
        leavePeer();
        again(false);
    }

    private void again(boolean closed) {
        HttpClientRequest failed = outgoing;
        outgoing = null;
        if (failed != null) {
            failed.reset();
        }
        if (attempts < MOST_ATTEMPTS && !closed) {
            attempt(peer);
        } else {
            standIn(closed);
        }
    }

    private void standIn(boolean closed) {
        finish();
        if (leftNanos() <= 0) {
            request.fail(new RequestException(504, "the client's deadline passed while the request was forwarded"));
        } else if (closed || routes.mayStandIn()) {
            side.meters().stoodIn();
            request.answerHere();
        } else {
            request.fail(new RequestException(
                    UNAVAILABLE, "no pod of revision " + side.revision() + " can be reached: try again later"));
        }
    }

    private void gone() {
        if (!done) {
            side.meters().forwarded(Outcome.CANCELLED);
            leavePeer();
            finish();
            if (outgoing != null) {
                outgoing.reset();
            }
            request.abandoned();
        }
    }

    private void leavePeer() {
        if (peer != null) {
            peer.end();
        }
    }

    private void finish() {
        done = true;
        forwarder.release(held);
    }
}
