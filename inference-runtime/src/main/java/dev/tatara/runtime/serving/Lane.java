package dev.tatara.runtime.serving;

import dev.tatara.runtime.features.Lookups;
import dev.tatara.runtime.features.StoreLinks;
import dev.tatara.runtime.inference.EntityLayout;
import dev.tatara.runtime.inference.EventLoopEngine;
import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceEngine;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.json.Json;
import dev.tatara.runtime.lifecycle.Serving.Loaded;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.routing.Routes;
import dev.tatara.runtime.routing.Routing;
import dev.tatara.runtime.routing.TrafficCounts;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** What one event loop needs to answer for a model, whatever the protocol; it is used on that loop unless said otherwise. */
public final class Lane {
    private static final int KEPT_REQUESTS = 64;
    private static final int OK = 200;

    private final Thread thread = Thread.currentThread();
    private final Loaded loaded;
    private final EventLoopEngine engine;
    private final InferenceEngine door;
    private final Observer observer;
    private final Json json = new Json();
    private final Reply reply = new Reply();
    private final Deque<InferenceRequest> spare = new ArrayDeque<>();
    private final LaneStatistics statistics;
    private final Routing routing;
    private final TrafficCounts traffic;
    private final Runnable freed;
    private final Lookups lookups;
    private int users;
    private boolean closed;

    /**
     * @param links to the online stores, null where nothing is looked up
     * @param freed is told when the lane was closed and its last request is done
     */
    Lane(
            Loaded loaded,
            Duration eventLoopBudget,
            StoreLinks links,
            LaneStatistics statistics,
            Routing routing,
            TrafficCounts traffic,
            Runnable freed) {
        this.routing = routing;
        this.traffic = traffic;
        lookups = loaded.lookup() == null ? null : new Lookups(loaded.lookup(), links);
        this.loaded = loaded;
        this.statistics = statistics;
        this.freed = freed;
        Context loop = Vertx.currentContext();
        engine = new EventLoopEngine(
                loaded.workers().state(),
                eventLoopBudget,
                task -> loop.runOnContext(now -> task.run()),
                loaded.workers());
        door = loaded.caching().apply(engine);
        observer = loaded.observers().get();
    }

    public Loaded loaded() {
        return loaded;
    }

    public ServedModel model() {
        return loaded.model();
    }

    /** The parser of this lane's bodies. */
    public Json json() {
        return json;
    }

    /** The keys of entities that requests may bring in the place of features; null where nothing is looked up. */
    public EntityLayout entities() {
        return lookups == null ? null : lookups.layout();
    }

    /** Null where nothing is looked up. */
    Lookups lookups() {
        return lookups;
    }

    InferenceEngine engine() {
        return door;
    }

    /** Whether answers that were given before are given again without a run. */
    @SuppressWarnings("ReferenceEquality") // whether something stands before it, not what
    boolean caches() {
        return door != engine;
    }

    /** A request was answered well. */
    void succeeded(long rows, long runRows, LaneStatistics.Times times) {
        statistics.succeeded(rows, runRows, times);
        if (routing.active() != null) {
            traffic.answered(OK, times.total);
        }
    }

    /**
     * A request was not answered well.
     *
     * @param status as of HTTP
     */
    void failed(int status, long nanos) {
        statistics.failed(nanos);
        if (routing.active() != null) {
            traffic.answered(status, nanos);
        }
    }

    /** Somebody begins to use this lane; it stays whole until he {@link #leave leaves}, whatever is loaded meanwhile. */
    void enter() {
        users++;
    }

    void leave() {
        users--;
        freeIfDone();
    }

    /** Whether somebody wants to know each request by an id. */
    boolean identifies() {
        return observer.identifies();
    }

    /** Who asks, as experiments count it; null outside of them. */
    String subject(Responder responder) {
        Routes routes = routing.active();
        return routes == null ? null : routes.subject(name -> text(responder.header(name)));
    }

    private static String text(CharSequence header) {
        return header == null ? null : header.toString();
    }

    /** An inference was answered; from any thread. */
    void observed(Protocol protocol, InferenceRequest request, InferenceAnswer answer) {
        loaded.metrics().predicted(request, answer);
        observer.answered(protocol, request, answer);
    }

    /** To write an answer to: this lane's own on its thread, a new one elsewhere. */
    Reply reply() {
        if (!isOnThread()) {
            return new Reply();
        }
        reply.reset();
        return reply;
    }

    boolean isOnThread() {
        return Thread.currentThread() == thread;
    }

    InferenceRequest borrow() {
        InferenceRequest request = spare.pollFirst();
        return request == null ? new InferenceRequest(loaded.model(), entities()) : request;
    }

    void giveBack(InferenceRequest request) {
        if (!closed && spare.size() < KEPT_REQUESTS) {
            request.reset();
            spare.addFirst(request);
        } else {
            request.free();
        }
    }

    /** Takes no further requests; frees native memory as soon as the last one is done. */
    void close() {
        if (!closed) {
            closed = true;
            freeIfDone();
        }
    }

    private void freeIfDone() {
        if (closed && users == 0) {
            engine.close();
            spare.forEach(InferenceRequest::free);
            spare.clear();
            freed.run();
        }
    }
}
