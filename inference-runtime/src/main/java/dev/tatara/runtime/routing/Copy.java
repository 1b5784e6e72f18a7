package dev.tatara.runtime.routing;

import dev.tatara.runtime.routing.AnswerComparison.Answer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/** A request that is to be copied once it is answered well. Used on its event loop. */
public final class Copy {
    private final Mirror mirror;
    private final Routes routes;
    private final HttpServerRequest request;
    private final boolean call;
    private final AnswerComparison comparison;
    private Buffer body;

    Copy(Mirror mirror, Routes routes, HttpServerRequest request, boolean call, AnswerComparison comparison) {
        this.mirror = mirror;
        this.routes = routes;
        this.request = request;
        this.call = call;
        this.comparison = comparison;
    }

    /** The request's body is whole. */
    public void body(Buffer whole) {
        body = whole;
    }

    /**
     * The request was answered well.
     *
     * @param features what is known of its features, for the other pod; empty where nothing was looked up
     */
    public void answered(byte[] answer, int jsonLength, byte[] features) {
        if (body != null) {
            mirror.send(this, body, new Answer(answer, jsonLength), features);
            body = null;
        }
    }

    /** The request was answered in a way that can't be compared. */
    public void dropped() {
        mirror.dropped();
    }

    Routes routes() {
        return routes;
    }

    HttpServerRequest request() {
        return request;
    }

    boolean isCall() {
        return call;
    }

    AnswerComparison comparison() {
        return comparison;
    }
}
