package dev.tatara.runtime.routing;

import dev.tatara.runtime.inference.RequestException;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/**
 * A request that another pod is to answer, whole and kept until that is done. One of {@link #relay}, {@link #answerHere}
 * and {@link #fail} is called, once, unless the client hangs up. Used on its event loop.
 */
public interface Forwarded {
    HttpServerRequest request();

    /** Its body as it goes on. */
    Buffer body();

    /** Whether it is a gRPC call. */
    boolean isCall();

    /** When the client stops waiting, on the scale of {@link System#nanoTime()}; 0 if it doesn't say. */
    long deadlineNanos();

    /**
     * Makes the client's headers those of what goes on.
     *
     * @param nanos how long the client still waits, where it says so
     */
    void adjust(MultiMap headers, long nanos);

    /** Has something done when the client hangs up. */
    void onGone(Runnable action);

    /** The client hung up, and the other pod was told so. */
    void abandoned();

    void relay(PeerAnswer answer);

    /** Answers as if it had been chosen for this pod. */
    void answerHere();

    void fail(RequestException why);
}
