package dev.tatara.runtime.grpc;

import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.serving.InferenceExchange;
import dev.tatara.runtime.serving.Reply;
import io.vertx.core.buffer.Buffer;

/** One inference of a stream: what goes wrong with it is its answer, and the stream goes on. */
final class StreamedInference extends GrpcInference {
    private static final int ERROR_MESSAGE = 1;
    private static final int INFER_RESPONSE = 2;
    private static final int ID = 3;

    private final InferStream stream;
    private String id = "";
    private byte[] response;
    private byte[] answer;
    private Runnable onGone;

    StreamedInference(InferStream stream, Call call, Door door, long deadlineNanos) {
        super(call, door, System.nanoTime());
        this.stream = stream;
        setDeadlineNanos(deadlineNanos);
    }

    void start(Buffer framed) {
        RequestException refusal = refusal();
        if (refusal != null) {
            fail(refusal);
        } else {
            new InferenceExchange(this, door().lane(), this).body(framed);
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
            super.read(bytes, offset, length, request);
        } finally {
            id = request.id() == null ? "" : request.id();
        }
    }

    @Override
    public void write(InferenceRequest request, InferenceAnswer answered, long nanos, Reply reply) {
        response = door().writer().write(request, answered, asked(), 0);
    }

    @Override
    public boolean isAnswered() {
        return answer != null;
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
        count(status, answer.length);
        left();
        stream.flush();
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
