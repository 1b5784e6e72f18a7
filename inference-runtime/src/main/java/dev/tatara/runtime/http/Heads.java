package dev.tatara.runtime.http;

import dev.tatara.runtime.serving.Deadlines;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * Closes connections on which the head of a further request is begun and not completed in time: clients that drip a byte
 * now and then look busy to an idle timeout, for ever. Vert.x tells of a connection when its first head is whole; until
 * then {@link ConnectionGuard} watches it. For HTTP/1.1; Netty bounds what HTTP/2 may drip. Used on one event loop.
 */
final class Heads {
    private static final Logger LOG = Logger.getLogger(Heads.class);

    private final Deadlines deadlines;
    private final Map<HttpConnection, Head> open = new HashMap<>();

    Heads(Duration patience) {
        deadlines = new Deadlines(patience);
    }

    /** Reading a head, or busy with a request whose head is whole, or neither. */
    private final class Head extends ChannelInboundHandlerAdapter {
        private final Deadlines.Entry slow;
        private boolean reading;
        private boolean busy;

        Head(HttpConnection connection) {
            slow = new Deadlines.Entry() {
                @Override
                protected void expired() {
                    LOG.debugf("%s is too slow with the head of a request", connection.remoteAddress());
                    connection.close();
                }
            };
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            begin();
            context.fireChannelRead(message);
        }

        private void begin() {
            if (!reading && !busy) {
                reading = true;
                deadlines.add(slow);
            }
        }

        private void end() {
            if (reading) {
                reading = false;
                deadlines.remove(slow);
            }
        }
    }

    /** A connection whose first head is whole. */
    void opened(HttpConnection connection) {
        Head head = new Head(connection);
        open.put(connection, head);
        if (connection instanceof ConnectionBase base) {
            base.channel().pipeline().addFirst(head);
        }
    }

    void closed(HttpConnection connection) {
        Head head = open.remove(connection);
        if (head != null) {
            head.end();
        }
    }

    /** The head of a request is whole. */
    void completed(HttpConnection connection) {
        Head head = open.get(connection);
        if (head != null) {
            head.busy = true;
            head.end();
        }
    }

    /** The request was answered; the next head may begin. */
    void answered(HttpConnection connection) {
        Head head = open.get(connection);
        if (head != null) {
            head.busy = false;
        }
    }

    void sweep() {
        deadlines.sweep();
    }
}
