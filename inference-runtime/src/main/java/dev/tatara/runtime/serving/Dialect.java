package dev.tatara.runtime.serving;

import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.RequestException;

/** How a protocol is read and written. Either without state, or made for one request and holding what it needs of it. */
public interface Dialect {

    /** Fills a request that was reset. Called on the lane's thread, before everything else. */
    void read(byte[] bytes, int offset, int length, InferenceRequest request) throws RequestException;

    /**
     * Writes an answer. Called on whichever thread ran the request, so it must leave the lane's own memory alone.
     *
     * @param nanos time since the request's first byte
     */
    void write(InferenceRequest request, InferenceAnswer answer, long nanos, Reply reply);
}
