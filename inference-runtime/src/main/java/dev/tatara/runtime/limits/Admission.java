package dev.tatara.runtime.limits;

import dev.tatara.runtime.inference.EngineMeters.Rejection;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.settings.RuntimeSettings;
import io.vertx.core.MultiMap;
import io.vertx.core.net.SocketAddress;
import java.util.function.Consumer;

/** Lets inference requests in by their headers and address, before their bodies are read. Threads share it. */
public final class Admission {
    private final RequestLimits limits;
    private final String clientHeader;

    /**
     * @param rejected is told of each request that isn't let in
     */
    public Admission(RuntimeSettings.Limits settings, Consumer<Rejection> rejected) {
        limits = new RequestLimits(settings.requestsPerSecond(), settings.perClient(), rejected);
        clientHeader = settings.clientHeader().orElse(null);
    }

    /**
     * Takes a request in.
     *
     * @param address where it comes from; null if unknown
     * @return null if it is let in, else what to answer
     */
    public RequestException refusal(MultiMap headers, SocketAddress address) {
        return limits.refusal(limits.areByClient() ? client(headers, address) : null, System.nanoTime());
    }

    private String client(MultiMap headers, SocketAddress address) {
        String named = clientHeader == null ? null : headers.get(clientHeader);
        if (named != null) {
            return named;
        }
        String host = address == null ? null : address.hostAddress();
        return host == null ? "" : host;
    }
}
