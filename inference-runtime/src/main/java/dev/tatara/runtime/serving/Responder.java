package dev.tatara.runtime.serving;

import dev.tatara.runtime.features.FoundFeatures;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.inference.TraceContext;
import dev.tatara.runtime.tracing.RequestSpan;

/** Where an answer goes: an HTTP exchange or a gRPC call. Used on its event loop only, answered once. */
public interface Responder {

    Protocol protocol();

    boolean isAnswered();

    /** Since the request's first byte. */
    long nanosSoFar();

    /** How long the client waits for its answer, since the request's first byte; 0 if it doesn't say. */
    default long timeoutNanos() {
        return 0;
    }

    /** A header of the request, or null. */
    default CharSequence header(CharSequence name) {
        return null;
    }

    /** Whether the request is the copy of another one, and so to be counted and kept nowhere. */
    default boolean isCopy() {
        return false;
    }

    /** What is known of the request's features, and where to note what is found; null where nobody wants to know. */
    default FoundFeatures features() {
        return null;
    }

    /** The request's span, or null if none is recorded. */
    default RequestSpan span() {
        return null;
    }

    /** The request has this id, which the client is told, and belongs to this trace, or to none (null). */
    default void identified(String requestId, TraceContext trace) {}

    /** Sends a good answer. The reply may be reused when this returns. */
    void answer(Reply reply);

    /** Sends what went wrong. */
    void fail(RequestException why);

    /** Sends what went wrong before the body was read; what still comes of it is thrown away. */
    void refuseBody(RequestException why);

    /** The client is gone before its request was whole: there is nobody to answer. */
    void abandoned();

    /** Has something done when the client goes, or when its stream ends because it was answered. */
    void onGone(Runnable action);
}
