package dev.tatara.runtime.routing;

import dev.tatara.runtime.routing.Peers.Peer;
import dev.tatara.runtime.routing.RouterMeters.Outcome;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;

/** One stream of messages on its way to another revision and back, as it comes. Used on its event loop. */
public final class Relay {
    private static final int MOST_ATTEMPTS = 2;
    /** A stream may be silent as long as it likes; its connections are watched. */
    private static final long NO_TIMEOUT_NANOS = TimeUnit.DAYS.toNanos(1);

    private final Forwarder forwarder;
    private final Routes routes;
    private final Side side;
    private final Stream stream;
    private int attempts;
    private boolean done;
    private Peer peer;
    private HttpClientRequest outgoing;

    /** The client's side. */
    public interface Stream {
        HttpServerRequest request();

        /** Begins the answer. */
        void begin(MultiMap headers);

        /** Ends it. */
        void end(MultiMap trailers);

        /** Nothing was sent or read yet. */
        void answerHere();

        /** Neither side can go on. */
        void broken(String why);
    }

    Relay(Forwarder forwarder, Routes routes, Side side, Stream stream) {
        this.forwarder = forwarder;
        this.routes = routes;
        this.side = side;
        this.stream = stream;
    }

    void start() {
        stream.request().pause();
        stream.request().exceptionHandler(gone -> broken("the client is gone"));
        stream.request().response().closeHandler(gone -> broken("the client is gone"));
        attempt(null);
    }

    private void attempt(Peer not) {
        Peer next = forwarder.peers().pick(routes, side, not);
        if (next == null || attempts == MOST_ATTEMPTS) {
            standIn();
            return;
        }
        attempts++;
        peer = next;
        next.begin();
        forwarder.open(next, true, stream.request().uri(), NO_TIMEOUT_NANOS).onComplete(opened -> {
            if (done) {
                if (opened.succeeded()) {
                    opened.result().reset();
                }
            } else if (opened.failed()) {
                next.avoid();
                next.end();
                side.meters().forwarded(Outcome.UNREACHABLE);
                forwarder.counts().unreachable(side.revision());
                attempt(next);
            } else {
                pass(opened.result());
            }
        });
    }

    private void standIn() {
        done = true;
        if (routes.mayStandIn()) {
            side.meters().stoodIn();
            stream.request().exceptionHandler(null);
            stream.request().response().closeHandler(null);
            stream.answerHere();
            stream.request().resume();
        } else {
            stream.broken("no pod of revision " + side.revision() + " can be reached: try again later");
        }
    }

    private void pass(HttpClientRequest to) {
        outgoing = to;
        to.setChunked(true);
        MultiMap headers = to.headers();
        RoutingHeaders.copyRequest(stream.request().headers(), headers);
        headers.set(RoutingHeaders.REVISION, side.revision());
        headers.set(RoutingHeaders.GENERATION, Long.toString(routes.generation()));
        headers.set("te", "trailers");
        to.response().onComplete(answered -> {
            if (answered.failed()) {
                broken("the connection to revision " + side.revision() + " broke");
            } else {
                back(answered.result());
            }
        });
        to.sendHead();
        stream.request().pipe().endOnFailure(false).to(to);
    }

    private void back(HttpClientResponse answer) {
        if (done) {
            return;
        }
        if (answer.statusCode() != 200 || !side.revision().equals(answer.getHeader(RoutingHeaders.REVISION))) {
            broken("revision " + side.revision() + " doesn't take this stream: begin another one");
            return;
        }
        stream.begin(answer.headers());
        answer.pipe()
                .endOnSuccess(false)
                .endOnFailure(false)
                .to(stream.request().response())
                .onComplete(piped -> {
                    if (done) {
                        return;
                    }
                    if (piped.failed()) {
                        broken("the connection to revision " + side.revision() + " broke");
                    } else {
                        finish(Outcome.ANSWERED);
                        stream.end(answer.trailers());
                        if (!stream.request().isEnded()) {
                            outgoing.reset();
                        }
                    }
                });
    }

    private void broken(String why) {
        if (!done) {
            finish(Outcome.CANCELLED);
            if (outgoing != null) {
                outgoing.reset();
            }
            stream.broken(why);
        }
    }

    private void finish(Outcome outcome) {
        done = true;
        side.meters().forwarded(outcome);
        if (peer != null) {
            peer.end();
        }
    }
}
