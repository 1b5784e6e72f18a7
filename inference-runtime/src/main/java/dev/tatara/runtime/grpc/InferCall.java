package dev.tatara.runtime.grpc;

import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.inference.TraceContext;
import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.serving.Dialect;
import dev.tatara.runtime.serving.InferenceExchange;
import dev.tatara.runtime.serving.Protocol;
import dev.tatara.runtime.serving.Reply;
import dev.tatara.runtime.serving.Responder;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/** A {@code ModelInfer}: one message in, one out. */
final class InferCall implements Messages.Receiver, Responder, Dialect {
    private final Call call;
    private final Door door;
    private InferenceExchange exchange;
    private Messages messages;
    private Buffer message;
    private long deadlineNanos;
    private boolean raw;
    private byte[] answer;
    private boolean counted;
    private String requestId;
    private TraceContext trace;

    private InferCall(Call call, Door door) {
        this.call = call;
        this.door = door;
        call.serving().active().incrementAndGet();
    }

    /**
     * Takes a call over.
     *
     * @param door null while the model is loading
     */
    static void start(Call call, Door door, Messages.Limits limits) {
        InferCall infer = new InferCall(call, door);
        try {
            infer.deadlineNanos = call.deadlineNanos();
        } catch (RequestException e) {
            infer.fail(e);
            return;
        }
        RequestException refusal =
                door == null ? new RequestException(503, call.serving().whyNotLoaded()) : call.admission();
        if (refusal != null) {
            infer.fail(refusal);
            return;
        }
        infer.exchange = new InferenceExchange(infer, door.lane(), infer);
        Messages.read(call.request(), limits, infer);
    }

    @Override
    public boolean message(Messages from, Buffer framed) throws RequestException {
        if (message != null) {
            throw RequestException.bad("ModelInfer takes one message, got another");
        }
        messages = from;
        message = framed;
        return true;
    }

    @Override
    public void end() {
        if (call.isEnded()) {
            return;
        }
        Buffer framed = message;
        message = null;
        if (framed == null) {
            exchange.refused(RequestException.bad("ModelInfer takes one message, got none"));
            return;
        }
        Buffer plain;
        try {
            plain = messages.plain(framed);
        } catch (RequestException e) {
            exchange.refused(e);
            return;
        }
        exchange.body(plain);
    }

    @Override
    public void refused(RequestException why) {
        if (!call.isEnded()) {
            exchange.refused(why);
        }
    }

    @Override
    public void cutOff() {
        if (!call.isEnded()) {
            exchange.cutOff();
        }
    }

    @Override
    public void read(byte[] bytes, int offset, int length, InferenceRequest request) throws RequestException {
        InferReader.Asked asked = door.reader().read(bytes, offset + Call.PREFIX, length - Call.PREFIX, request);
        raw = asked.raw();
        setDeadline(request, asked, deadlineNanos);
    }

    /** The client may have said twice how long it waits. */
    static void setDeadline(InferenceRequest request, InferReader.Asked asked, long ofCall) {
        if (asked.timeoutMicros() > 0) {
            request.setDeadlineNanos(
                    System.nanoTime() + Math.min(asked.timeoutMicros(), Long.MAX_VALUE / 2_000) * 1_000);
        }
        if (ofCall != 0) {
            request.setDeadlineNanos(ofCall);
        }
    }

    @Override
    public void write(InferenceRequest request, InferenceAnswer answered, long nanos, Reply reply) {
        answer = Call.frame(door.writer().write(request, answered, raw, Call.PREFIX));
    }

    @Override
    public Protocol protocol() {
        return Protocol.V2_GRPC;
    }

    @Override
    public boolean isAnswered() {
        return call.isEnded();
    }

    @Override
    public long nanosSoFar() {
        return call.nanosSoFar();
    }

    @Override
    public CharSequence header(CharSequence name) {
        return call.request().headers().get(name);
    }

    @Override
    public void identified(String id, TraceContext context) {
        requestId = id;
        trace = context;
    }

    @Override
    public void answer(Reply reply) {
        count(200, answer.length);
        call.answer(answer, this::left);
    }

    @Override
    public void fail(RequestException why) {
        count(why.status(), 0);
        call.fail(why, this::left);
    }

    @Override
    public void refuseBody(RequestException why) {
        fail(why);
    }

    @Override
    public void abandoned() {
        count(499, 0);
        call.fail(GrpcStatus.CANCELLED, "the client is gone", this::left);
    }

    @Override
    public void onGone(Runnable action) {
        HttpServerResponse response = call.request().response();
        response.exceptionHandler(gone -> action.run());
        response.closeHandler(gone -> action.run());
    }

    private void count(int status, int bytes) {
        if (counted) {
            return;
        }
        counted = true;
        Serving.Loaded loaded = call.serving().loaded();
        if (loaded != null) {
            loaded.metrics().answered(Protocol.V2_GRPC, status, nanosSoFar());
        }
        call.log(Protocol.V2_GRPC, status, bytes, requestId, trace);
    }

    private void left() {
        call.serving().active().decrementAndGet();
    }
}
