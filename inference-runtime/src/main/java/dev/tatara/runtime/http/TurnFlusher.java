package dev.tatara.runtime.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;

/**
 * Sends what is answered in one turn of the event loop together: the three frames of a gRPC answer, or the answers to
 * all calls that were read at once, in one system call. Netty's FlushConsolidationHandler looks at the end of a reading
 * before HTTP/2 has flushed what it answers, and then sends by a task of its own.
 */
final class TurnFlusher extends ChannelDuplexHandler {
    private static final int MOST_FLUSHES = 256;

    private boolean reading;
    private boolean scheduled;
    private int waiting;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        reading = true;
        context.fireChannelRead(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        // Whoever is behind flushes now.
        context.fireChannelReadComplete();
        reading = false;
        flushWaiting(context);
    }

    @Override
    public void flush(ChannelHandlerContext context) {
        if (++waiting >= MOST_FLUSHES) {
            flushWaiting(context);
        } else if (!reading && !scheduled) {
            scheduled = true;
            context.executor().execute(() -> {
                scheduled = false;
                flushWaiting(context);
            });
        }
    }

    private void flushWaiting(ChannelHandlerContext context) {
        if (waiting > 0) {
            waiting = 0;
            context.flush();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        // What could become writable again must not wait for a reading that may not end before.
        if (!context.channel().isWritable()) {
            flushWaiting(context);
        }
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        reading = false;
        flushWaiting(context);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        reading = false;
        context.fireChannelInactive();
    }
}
