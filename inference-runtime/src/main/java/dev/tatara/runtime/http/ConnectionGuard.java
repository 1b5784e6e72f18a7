package dev.tatara.runtime.http;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Watches connections from their first moment, which Vert.x doesn't show: how many there are, whether the head of the
 * first request is complete some time after its first byte, and whether they are silent. Netty finds this class by its service file and makes
 * one for the process; what it must keep to is set when the ports open.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what is closed is closed
public final class ConnectionGuard extends ChannelInitializerExtension {
    private static final Logger LOG = Logger.getLogger(ConnectionGuard.class);
    private static final AtomicInteger OPEN = new AtomicInteger();
    private static volatile int mostConnections = Integer.MAX_VALUE;
    private static volatile long patienceNanos = Long.MAX_VALUE;
    private static volatile long idleNanos = Long.MAX_VALUE;

    /** Must be called before the first server is made. */
    public static void enable() {
        System.setProperty("io.netty.bootstrap.extensions", "serviceload");
    }

    /** Sets the bounds. */
    static void configure(int connections, Duration patience, Duration idle) {
        mostConnections = connections;
        patienceNanos = nanos(patience);
        idleNanos = nanos(idle);
    }

    private static long nanos(Duration bound) {
        return bound.isZero() ? Long.MAX_VALUE : bound.toNanos();
    }

    /** Connections that are open, on all ports. */
    public static int open() {
        return OPEN.get();
    }

    /** The first head of a connection is whole. */
    public static void admitted(HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            FirstHead head = base.channel().pipeline().get(FirstHead.class);
            if (head != null) {
                base.channel().pipeline().remove(head);
            }
        }
    }

    @Override
    public void postInitializeServerChildChannel(Channel channel) {
        int open = OPEN.incrementAndGet();
        channel.closeFuture().addListener(closed -> OPEN.decrementAndGet());
        if (open > mostConnections) {
            LOG.debugf("%s is refused: %d connections are open", channel.remoteAddress(), open - 1);
            channel.close();
            return;
        }
        if (patienceNanos != Long.MAX_VALUE) {
            channel.pipeline().addFirst(new FirstHead());
        }
        if (idleNanos != Long.MAX_VALUE) {
            channel.pipeline().addFirst(new IdleCloser(idleNanos));
        }
    }

    /** Closes the connection if it isn't removed in time. */
    private static final class FirstHead extends ChannelInboundHandlerAdapter {
        private Future<?> end;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (end == null) {
                end = context.executor().schedule(() -> context.channel().close(), patienceNanos, TimeUnit.NANOSECONDS);
            }
            context.fireChannelRead(message);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            cancel();
            context.fireChannelInactive();
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            cancel();
        }

        private void cancel() {
            if (end != null) {
                end.cancel(false);
            }
        }
    }
}
