package dev.tatara.runtime.lifecycle;

import io.vertx.core.http.HttpConnection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** The open connections of the serving port. */
public final class Connections {
    private static final Logger LOG = Logger.getLogger(Connections.class);

    private final Set<HttpConnection> open = ConcurrentHashMap.newKeySet();

    public void add(HttpConnection connection) {
        open.add(connection);
    }

    public void remove(HttpConnection connection) {
        open.remove(connection);
    }

    public int count() {
        return open.size();
    }

    /** Asks HTTP/2 clients to open no more streams; their connections end when the open ones are answered. */
    public void goAway() {
        open.forEach(connection -> {
            try {
                connection.shutdown(0, TimeUnit.MILLISECONDS);
            } catch (UnsupportedOperationException e) {
                // HTTP/1 has no such message: each answer says Connection: close instead.
                LOG.tracef("%s stays open until its next answer", connection.remoteAddress());
            }
        });
    }
}
