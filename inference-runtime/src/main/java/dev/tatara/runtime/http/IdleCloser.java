package dev.tatara.runtime.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection that was silent for some time, or up to a quarter longer: it looks now and then whether something
 * was read or sent, so that requests pay for one assignment. Netty's handler reads the clock several times for each.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what is closed is closed
final class IdleCloser extends ChannelDuplexHandler {
    private static final int LOOKS = 4;

    private final long nanosBetweenLooks;
    private Future<?> looking;
    private boolean busy;
    private int silentLooks;

    IdleCloser(long idleNanos) {
        nanosBetweenLooks = Math.max(1, idleNanos / LOOKS);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        looking = context.executor()
                .scheduleWithFixedDelay(
                        () -> look(context), nanosBetweenLooks, nanosBetweenLooks, TimeUnit.NANOSECONDS);
    }

    private void look(ChannelHandlerContext context) {
        silentLooks = busy ? 0 : silentLooks + 1;
        busy = false;
        // The first look without a word may come right after one.
        if (silentLooks > LOOKS) {
            context.close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        busy = true;
        context.fireChannelRead(message);
    }

    @Override
    public void flush(ChannelHandlerContext context) {
        busy = true;
        context.flush();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        looking.cancel(false);
    }
}
