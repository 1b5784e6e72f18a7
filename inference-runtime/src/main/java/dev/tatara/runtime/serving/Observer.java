package dev.tatara.runtime.serving;

import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;

/**
 * Is told of each inference that was answered, on whichever thread ran it: an event loop's own requests come from that
 * loop or from a worker, never from two threads at the same instant for one request.
 */
public interface Observer {

    /** For who wants to know nothing. */
    Observer NONE = (protocol, request, answer) -> {};

    /** Whether requests must have an id: the client's own, that of the header X-Request-Id, or one made up. */
    default boolean identifies() {
        return false;
    }

    /** Request and answer are valid until this returns; what is to be kept must be copied. Must be quick and not throw. */
    void answered(Protocol protocol, InferenceRequest request, InferenceAnswer answer);
}
