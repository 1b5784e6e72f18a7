package dev.tatara.runtime.grpc;

import dev.tatara.runtime.inference.RequestException;
import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;

/** A call with one message that is answered at once. */
final class UnaryCall implements Messages.Receiver {
    private final Call call;
    private final Method method;
    private Messages messages;
    private Buffer message;

    /** What answers a message with a message. */
    interface Method {
        Message answer(ProtoReader message) throws RequestException;
    }

    private UnaryCall(Call call, Method method) {
        this.call = call;
        this.method = method;
        call.serving().active().incrementAndGet();
    }

    static void start(Call call, Method method, Messages.Limits limits) {
        UnaryCall unary = new UnaryCall(call, method);
        Messages.read(call.request(), limits, unary);
    }

    @Override
    public boolean message(Messages from, Buffer framed) throws RequestException {
        if (message != null) {
            throw RequestException.bad("this call takes one message, got another");
        }
        messages = from;
        message = framed;
        return true;
    }

    @Override
    public void end() {
        try {
            if (message == null) {
                throw RequestException.bad("this call takes one message, got none");
            }
            byte[] answer = method.answer(reader(messages.plain(message))).toByteArray();
            call.answer(Call.framed(answer), this::left);
        } catch (RequestException e) {
            refused(e);
        }
    }

    /** Reads a message after its prefix. */
    @SuppressWarnings("deprecation") // Vert.x 4 has no other way to a buffer's bytes that doesn't copy them
    static ProtoReader reader(Buffer framed) {
        ByteBuf bytes = framed.getByteBuf();
        ProtoReader reader = new ProtoReader();
        byte[] array = bytes.hasArray() ? bytes.array() : framed.getBytes();
        int offset = bytes.hasArray() ? bytes.arrayOffset() + bytes.readerIndex() : 0;
        reader.open(array, offset + Call.PREFIX, framed.length() - Call.PREFIX);
        return reader;
    }

    @Override
    public void refused(RequestException why) {
        call.fail(GrpcStatus.of(why), why.getMessage(), this::left);
    }

    @Override
    public void cutOff() {
        call.fail(GrpcStatus.CANCELLED, "the client is gone", this::left);
    }

    private void left() {
        call.serving().active().decrementAndGet();
    }
}
