package dev.tatara.runtime.grpc;

import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.serving.InferenceExchange;
import dev.tatara.runtime.serving.Reply;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/** A {@code ModelInfer}: one message in, one out. */
final class InferCall extends GrpcInference implements Messages.Receiver {
    private InferenceExchange exchange;
    private Messages messages;
    private Buffer message;
    private byte[] answer;

    private InferCall(Call call, Door door) {
        super(call, door, call.startedNanos());
    }

    /**
     * Takes a call over.
     *
     * @param door null while the model is loading
     */
    static void start(Call call, Door door, Messages.Limits limits) {
        InferCall infer = new InferCall(call, door);
        try {
            infer.setDeadlineNanos(call.deadlineNanos());
        } catch (RequestException e) {
            infer.fail(e);
            return;
        }
        RequestException refusal = infer.refusal();
        if (refusal != null) {
            infer.fail(refusal);
            return;
        }
        infer.exchange = new InferenceExchange(infer, door.lane(), infer);
        Messages.read(call.request(), limits, infer);
    }

    /**
     * Takes over a call that was let in and read already.
     *
     * @param door null if there is no model
     */
    static void take(Call call, Door door, Messages messages, Buffer framed) {
        InferCall infer = new InferCall(call, door);
        try {
            infer.setDeadlineNanos(call.deadlineNanos());
        } catch (RequestException e) {
            infer.fail(e);
            return;
        }
        if (door == null) {
            infer.fail(new RequestException(503, call.serving().whyNotLoaded()));
            return;
        }
        infer.exchange = new InferenceExchange(infer, door.lane(), infer);
        infer.messages = messages;
        infer.message = framed;
        infer.end();
    }

    @Override
    public boolean message(Messages from, Buffer framed) throws RequestException {
        if (call().awaitsFeatures()) {
            call().bring(framed);
            return false;
        }
        if (message != null) {
            throw RequestException.bad("ModelInfer takes one message, got another");
        }
        messages = from;
        message = framed;
        call().brought(framed);
        return true;
    }

    @Override
    public void end() {
        if (call().isEnded()) {
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
        if (!call().isEnded()) {
            exchange.refused(why);
        }
    }

    @Override
    public void cutOff() {
        if (!call().isEnded()) {
            exchange.cutOff();
        }
    }

    @Override
    public void write(InferenceRequest request, InferenceAnswer answered, long nanos, Reply reply) {
        answer = Call.frame(door().writer().write(request, answered, asked(), Call.PREFIX));
    }

    @Override
    public boolean isAnswered() {
        return call().isEnded();
    }

    @Override
    public void answer(Reply reply) {
        count(200, answer.length);
        call().answer(answer, this::left);
    }

    @Override
    public void fail(RequestException why) {
        count(why.status(), 0);
        call().fail(why, this::left);
    }

    @Override
    public void abandoned() {
        count(499, 0);
        call().fail(GrpcStatus.CANCELLED, "the client is gone", this::left);
    }

    @Override
    public void onGone(Runnable action) {
        HttpServerResponse response = call().request().response();
        response.exceptionHandler(gone -> action.run());
        response.closeHandler(gone -> action.run());
    }
}
