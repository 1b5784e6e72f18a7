package dev.tatara.operator;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import jakarta.inject.Singleton;

/**
 * Lets a process that is told to end write nothing more, but to Leases. Its watches end before its last reconciliations
 * do: those see objects that are there as missing, and what they make of that must not be written. The next leader
 * begins where the last write was.
 */
@Singleton
class WriteFence implements Interceptor {
    private static final String LEASES = "/apis/coordination.k8s.io/";

    private volatile boolean isClosed;

    /** From now on, nothing is written. */
    void close() {
        isClosed = true;
    }

    /** @throws IllegalStateException if the request would write, and it is too late for that */
    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        if (isClosed
                && !request.method().equals("GET")
                && !request.uri().getPath().startsWith(LEASES)) {
            throw new IllegalStateException("this process is ending and leaves to the next leader: " + request.method()
                    + " " + request.uri().getPath());
        }
    }
}
