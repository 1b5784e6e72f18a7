package dev.tatara.runtime.lifecycle;

import io.vertx.core.http.HttpConnection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** The open connections of the serving port. */
public final class Connections {
    private static final Logger LOG = Logger.getLogger(Connections.class);

    private static final long NO_ERROR = 0;
    private static final int ANY_STREAM = Integer.MAX_VALUE;

    private final Set<HttpConnection> open = ConcurrentHashMap.newKeySet();

    public void add(HttpConnection connection) {
        open.add(connection);
    }

    public void remove(HttpConnection connection) {
        open.remove(connection);
    }

    /**
     * Asks HTTP/2 clients to open no more streams. Those that are under way already are answered: what a client sent
     * before it read this must not be lost. It closes its connection when it has all answers.
     *
     * @return those asked
     */
    public Set<HttpConnection> goAway() {
        Set<HttpConnection> asked = new HashSet<>();
        open.forEach(connection -> {
            try {
                connection.goAway(NO_ERROR, ANY_STREAM);
                asked.add(connection);
            } catch (UnsupportedOperationException e) {
                // HTTP/1 has no such message: each answer says Connection: close instead.
                LOG.tracef("%s stays open until its next answer", connection.remoteAddress());
            }
        });
        return asked;
    }

    /** Whether one of these is open still. */
    public boolean anyOpen(Set<HttpConnection> some) {
        return some.stream().anyMatch(open::contains);
    }
}
