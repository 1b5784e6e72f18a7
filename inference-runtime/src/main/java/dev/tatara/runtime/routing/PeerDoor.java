package dev.tatara.runtime.routing;

import io.vertx.core.http.HttpServerRequest;
import java.util.function.BooleanSupplier;

/** Lets in at the peer port what other pods forward, as far as it is for this revision and for today. */
public final class PeerDoor {
    private static final int MISDIRECTED = 421;
    private static final int UNAVAILABLE = 503;
    private static final int MOST_DIGITS = 18;

    private final Routing routing;
    private final BooleanSupplier loaded;

    /**
     * @param loaded whether there is a model to answer with
     */
    public PeerDoor(Routing routing, BooleanSupplier loaded) {
        this.routing = routing;
        this.loaded = loaded;
    }

    /**
     * Refuses what another pod is to answer. Who names no revision wants this one, whatever the table says.
     *
     * @return whether the request was answered so
     */
    public boolean refuses(HttpServerRequest request) {
        String wanted = request.headers().get(RoutingHeaders.REVISION);
        if (wanted == null) {
            return false;
        }
        if (!wanted.equals(routing.revision()) || !loaded.getAsBoolean()) {
            refuse(request, MISDIRECTED);
            return true;
        }
        long closed = routing.closedSince();
        if (closed > 0 && closed > generation(request)) {
            request.response().putHeader(RoutingHeaders.CLOSED, Long.toString(closed));
            refuse(request, UNAVAILABLE);
            return true;
        }
        return false;
    }

    private static long generation(HttpServerRequest request) {
        String text = request.headers().get(RoutingHeaders.GENERATION);
        if (text == null
                || text.isEmpty()
                || text.length() > MOST_DIGITS
                || !text.chars().allMatch(digit -> digit >= '0' && digit <= '9')) {
            return 0;
        }
        return Long.parseLong(text);
    }

    private void refuse(HttpServerRequest request, int status) {
        request.response()
                .putHeader(RoutingHeaders.REVISION, routing.revision())
                .setStatusCode(status)
                .end();
    }
}
