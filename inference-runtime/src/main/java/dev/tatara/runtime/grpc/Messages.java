package dev.tatara.runtime.grpc;

import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.serving.Deadlines;
import dev.tatara.runtime.serving.Packing;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/** Puts the messages of a call together from what comes in, within bounds. One that came in one piece is handed on as it is. */
final class Messages extends Deadlines.Entry {
    /** How messages may be packed, for {@code grpc-accept-encoding}. */
    static final String ACCEPTED = "identity,deflate,gzip";

    private static final String ENCODING = "grpc-encoding";
    private static final String WHAT = "message";
    private static final int LONGEST_SHOWN = 40;

    private final HttpServerRequest request;
    private final Limits limits;
    private final Packing packing;
    private final Receiver receiver;
    private byte[] pending;
    private int filled;
    private int wanted;
    private long counted;
    private int held;
    private boolean done;

    /** Where messages go. After {@link #end}, {@link #refused} or {@link #cutOff} nothing follows. */
    interface Receiver {
        /**
         * One message, after its prefix; {@link Messages#plain} makes a compressed one readable.
         *
         * @return whether it is kept, so that its bytes are to be counted until the call is done
         */
        boolean message(Messages from, Buffer framed) throws RequestException;

        /** The client has sent all its messages. */
        void end();

        void refused(RequestException why);

        /** The stream ended before the client was done. */
        void cutOff();
    }

    /**
     * What messages may take.
     *
     * @param mostBytes of one message
     * @param mostBufferedBytes of all unfinished messages of the process
     * @param bufferedBytes their count
     * @param held what one event loop holds of messages that are whole, of calls that aren't
     * @param timeout for all messages of a call that isn't a stream
     * @param deadlines of those calls
     */
    record Limits(
            long mostBytes,
            long mostBufferedBytes,
            AtomicLong bufferedBytes,
            Held held,
            Duration timeout,
            Deadlines deadlines) {}

    /** Counted apart, because it is counted for each call and nobody else looks at it. */
    static final class Held {
        private long bytes;
    }

    private Messages(HttpServerRequest request, Limits limits, Packing packing, Receiver receiver) {
        this.request = request;
        this.limits = limits;
        this.packing = packing;
        this.receiver = receiver;
    }

    /** Has the message of a call put together, which must come before long. */
    static void read(HttpServerRequest request, Limits limits, Receiver receiver) {
        read(request, limits, receiver, true);
    }

    /** Has the messages of a stream put together, which may take their time. */
    static void readStream(HttpServerRequest request, Limits limits, Receiver receiver) {
        read(request, limits, receiver, false);
    }

    private static void read(HttpServerRequest request, Limits limits, Receiver receiver, boolean soon) {
        String encoding = request.getHeader(ENCODING);
        Packing packing = Packing.named(encoding).orElse(null);
        if (packing == null) {
            receiver.refused(new RequestException(
                    415,
                    "unknown grpc-encoding \""
                            + (encoding.length() <= LONGEST_SHOWN
                                    ? encoding
                                    : encoding.substring(0, LONGEST_SHOWN) + "…")
                            + "\": this server reads " + ACCEPTED));
            return;
        }
        Messages messages = new Messages(request, limits, packing, receiver);
        if (soon) {
            limits.deadlines.add(messages);
        }
        request.handler(messages::piece);
        request.endHandler(end -> messages.end());
        request.exceptionHandler(failure -> messages.cutOff());
    }

    /** Reads no further. */
    void close() {
        done = true;
        limits.deadlines.remove(this);
        pending = null;
        release();
        request.handler(null);
        request.exceptionHandler(null);
    }

    private void piece(Buffer piece) {
        int at = 0;
        try {
            while (!done && at < piece.length()) {
                at = pending == null ? begin(piece, at) : goOn(piece, at);
            }
        } catch (RequestException e) {
            close();
            receiver.refused(e);
        }
    }

    private int begin(Buffer piece, int at) throws RequestException {
        int left = piece.length() - at;
        wanted = left < Call.PREFIX ? Call.PREFIX : size(piece.getUnsignedInt(at + 1));
        if (left >= wanted) {
            boolean whole = at == 0 && wanted == left;
            give(whole ? piece : piece.getBuffer(at, at + wanted));
            return at + wanted;
        }
        pending = new byte[0];
        filled = 0;
        return goOn(piece, at);
    }

    private int goOn(Buffer piece, int at) throws RequestException {
        int taken = Math.min(piece.length() - at, wanted - filled);
        grow(filled + taken);
        piece.getBytes(at, at + taken, pending, filled);
        filled += taken;
        if (filled == Call.PREFIX && wanted == Call.PREFIX) {
            wanted = size(Integer.toUnsignedLong(ByteBuffer.wrap(pending).getInt(1)));
        }
        if (filled == wanted) {
            byte[] message = pending;
            pending = null;
            give(wrapped(message));
        }
        return at + taken;
    }

    /** The size, prefix included, of a message that says so. */
    private int size(long length) throws RequestException {
        if (length > limits.mostBytes) {
            throw Packing.tooLarge(WHAT, limits.mostBytes);
        }
        return (int) (Call.PREFIX + length);
    }

    /** To the message's own size in the end; what was only promised takes no memory. */
    private void grow(int needed) throws RequestException {
        if (needed > pending.length) {
            int capacity = Math.max(needed, (int) Math.min(wanted, 2L * pending.length));
            counted += capacity - pending.length;
            if (limits.bufferedBytes.addAndGet(capacity - pending.length) > limits.mostBufferedBytes) {
                throw new RequestException(503, "too many large requests at once: try again later");
            }
            pending = Arrays.copyOf(pending, capacity);
        }
    }

    private void give(Buffer framed) throws RequestException {
        if (!receiver.message(this, framed)) {
            release();
        } else if (counted == 0 && !done) {
            held = framed.length();
            limits.held.bytes += held;
            if (limits.held.bytes > limits.mostBufferedBytes) {
                throw new RequestException(503, "too many unfinished calls at once: try again later");
            }
        }
    }

    @SuppressWarnings("deprecation") // Vert.x 4 has no other buffer over an array that doesn't copy it
    private Buffer wrapped(byte[] message) {
        return Buffer.buffer(Unpooled.wrappedBuffer(message, 0, wanted));
    }

    /** The message as it was before it was compressed, if it was; as large as a message may be at most. */
    Buffer plain(Buffer framed) throws RequestException {
        int compressed = framed.getByte(0);
        if (compressed == 0) {
            return framed;
        }
        if (compressed != 1 || packing == Packing.NONE) {
            throw RequestException.bad("a message says that it is compressed, and no grpc-encoding says how");
        }
        Buffer plain = packing.unpack(framed, Call.PREFIX, limits.mostBytes, WHAT, ENCODING);
        return plain.setInt(1, plain.length() - Call.PREFIX);
    }

    private void release() {
        limits.held.bytes -= held;
        held = 0;
        if (counted > 0) {
            limits.bufferedBytes.addAndGet(-counted);
            counted = 0;
        }
    }

    private void end() {
        if (done) {
            return;
        }
        boolean whole = pending == null;
        close();
        if (whole) {
            receiver.end();
        } else {
            receiver.refused(RequestException.bad("the call ended within a message"));
        }
    }

    @Override
    protected void expired() {
        close();
        receiver.refused(new RequestException(
                408,
                "the message did not arrive within " + limits.timeout.toMillis()
                        + " ms (tatara.runtime.http.body-timeout)"));
    }

    private void cutOff() {
        if (!done) {
            close();
            receiver.cutOff();
        }
    }
}
