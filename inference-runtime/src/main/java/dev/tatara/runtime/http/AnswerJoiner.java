package dev.tatara.runtime.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/**
 * Joins what one flush sends, the head of an answer and its body or the frames of HTTP/2, into one buffer: Netty encodes
 * them apart, and several buffers cost more on the way to the kernel than copying small ones.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the promises that are handed on tell
final class AnswerJoiner extends ChannelOutboundHandlerAdapter {
    private static final int MOST_COPIED = 2048;
    private static final int ROOM = 1024;

    private ByteBuf joined;
    private Parts parts;

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise written) {
        if (!(message instanceof ByteBuf bytes) || bytes.readableBytes() > MOST_COPIED) {
            passOn(context);
            context.write(message, written);
            return;
        }
        if (joined != null && !makeRoom(context, bytes.readableBytes())) {
            passOn(context);
        }
        if (joined == null) {
            joined = bytes;
            parts = new Parts(written, null);
        } else {
            joined.writeBytes(bytes);
            bytes.release();
            parts = new Parts(written, parts);
        }
    }

    /** Whether what is joined can take so many more bytes, maybe elsewhere than before. */
    private boolean makeRoom(ChannelHandlerContext context, int more) {
        if (!joined.isReadOnly() && joined.refCnt() == 1 && joined.writableBytes() >= more) {
            return true;
        }
        if (joined.readableBytes() + more > ROOM) {
            return false;
        }
        ByteBuf roomy = context.alloc().ioBuffer(ROOM, ROOM);
        roomy.writeBytes(joined, joined.readerIndex(), joined.readableBytes());
        joined.release();
        joined = roomy;
        return true;
    }

    private void passOn(ChannelHandlerContext context) {
        if (joined == null) {
            return;
        }
        ByteBuf bytes = joined;
        Parts sent = parts;
        joined = null;
        parts = null;
        if (sent.before == null) {
            context.write(bytes, sent.promise);
        } else {
            context.write(bytes).addListener(sent);
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

    /**
     * Who is to be told of what was joined, the last first. A promise may be among them more than once, as HTTP/2 has
     * one for the parts of a frame, and is told as often.
     */
    private record Parts(ChannelPromise promise, Parts before) implements ChannelFutureListener {
        @Override
        public void operationComplete(ChannelFuture done) {
            if (before != null) {
                before.operationComplete(done);
            }
            if (promise.isVoid()) {
                return;
            }
            if (done.isSuccess()) {
                promise.trySuccess();
            } else {
                promise.tryFailure(done.cause());
            }
        }
    }
}
