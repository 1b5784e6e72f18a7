package dev.tatara.runtime.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/**
 * Joins what one flush sends, the head of an answer and its body, into one buffer: Netty encodes them apart, and two
 * buffers cost more on the way to the kernel than copying a small body.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the promise that is handed on tells
final class AnswerJoiner extends ChannelOutboundHandlerAdapter {
    private static final int MOST_COPIED = 2048;

    private ByteBuf joined;
    private ChannelPromise promise;

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise written) {
        if (!(message instanceof ByteBuf bytes) || bytes.readableBytes() > MOST_COPIED) {
            passOn(context);
            context.write(message, written);
            return;
        }
        if (joined == null) {
            joined = bytes;
            promise = written;
            return;
        }
        if (joined.isReadOnly() || joined.maxWritableBytes() < bytes.readableBytes() || joined.refCnt() > 1) {
            passOn(context);
            joined = bytes;
            promise = written;
            return;
        }
        joined.writeBytes(bytes);
        bytes.release();
        promise = both(promise, written);
    }

    /** One that completes both. */
    private static ChannelPromise both(ChannelPromise first, ChannelPromise second) {
        if (first.isVoid()) {
            return second;
        }
        if (!second.isVoid()) {
            second.addListener(done -> {
                if (done.isSuccess()) {
                    first.trySuccess();
                } else {
                    first.tryFailure(done.cause());
                }
            });
            return second;
        }
        return first;
    }

    private void passOn(ChannelHandlerContext context) {
        if (joined != null) {
            ByteBuf bytes = joined;
            ChannelPromise written = promise;
            joined = null;
            promise = null;
            context.write(bytes, written);
        }
    }

    @Override
    public void flush(ChannelHandlerContext context) {
        passOn(context);
        context.flush();
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise closed) {
        passOn(context);
        context.close(closed);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        passOn(context);
    }
}
