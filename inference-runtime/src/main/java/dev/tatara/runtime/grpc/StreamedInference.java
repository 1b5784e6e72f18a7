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

/** One inference of a stream: what goes wrong with it is its answer, and the stream goes on. */
final class StreamedInference implements Responder, Dialect {
    private static final int ERROR_MESSAGE = 1;
    private static final int INFER_RESPONSE = 2;
    private static final int ID = 3;

    private final InferStream stream;
    private final Call call;
    private final Serving serving;
    private final Door door;
    private final long deadlineNanos;
    private final long started = System.nanoTime();
    private String id = "";
    private boolean raw;
    private byte[] response;
    private byte[] answer;
    private Runnable onGone;
    private String requestId;
    private TraceContext trace;

    StreamedInference(InferStream stream, Call call, Door door, long deadlineNanos) {
        this.stream = stream;
        this.call = call;
        serving = call.serving();
        this.door = door;
        this.deadlineNanos = deadlineNanos;
        serving.active().incrementAndGet();
    }

    void start(Buffer framed) {
        RequestException refusal = door == null ? new RequestException(503, serving.whyNotLoaded()) : call.admission();
        if (refusal != null) {
            fail(refusal);
        } else {
            new InferenceExchange(this, door.lane(), this).body(framed);
        }
    }

    /** The framed message to send. */
    byte[] answer() {
        return answer;
    }

    void abandon() {
        if (onGone != null) {
            onGone.run();
        }
    }

    @Override
    public void read(byte[] bytes, int offset, int length, InferenceRequest request) throws RequestException {
        try {
            InferReader.Asked asked = door.reader().read(bytes, offset + Call.PREFIX, length - Call.PREFIX, request);
            raw = asked.raw();
            InferCall.setDeadline(request, asked, deadlineNanos);
        } finally {
            id = request.id() == null ? "" : request.id();
        }
    }

    @Override
    public void write(InferenceRequest request, InferenceAnswer answered, long nanos, Reply reply) {
        response = door.writer().write(request, answered, raw, 0);
    }

    @Override
    public Protocol protocol() {
        return Protocol.V2_GRPC;
    }

    @Override
    public boolean isAnswered() {
        return answer != null;
    }

    @Override
    public long nanosSoFar() {
        return System.nanoTime() - started;
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
        finish(200, new Message().bytes(INFER_RESPONSE, response));
    }

    @Override
    public void fail(RequestException why) {
        finish(
                why.status(),
                new Message()
                        .text(ERROR_MESSAGE, why.getMessage())
                        .message(INFER_RESPONSE, new Message().text(ID, id)));
    }

    private void finish(int status, Message message) {
        if (answer != null) {
            return;
        }
        answer = Call.framed(message.toByteArray());
        response = null;
        Serving.Loaded loaded = serving.loaded();
        if (loaded != null) {
            loaded.metrics().answered(Protocol.V2_GRPC, status, nanosSoFar());
        }
        call.log(Protocol.V2_GRPC, status, answer.length, requestId, trace);
        serving.active().decrementAndGet();
        stream.flush();
    }

    @Override
    public void refuseBody(RequestException why) {
        fail(why);
    }

    @Override
    public void abandoned() {
        fail(new RequestException(499, "the client is gone"));
    }

    @Override
    public void onGone(Runnable action) {
        onGone = action;
    }
}
