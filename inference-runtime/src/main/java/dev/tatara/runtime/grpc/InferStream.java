package dev.tatara.runtime.grpc;

import dev.tatara.runtime.inference.RequestException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.function.Supplier;

/** A {@code ModelStreamInfer}: inferences over one stream, answered in the order they came. */
final class InferStream implements Messages.Receiver {
    /** A client that sends faster than it reads, or than the model runs, is held up by HTTP/2's flow control. */
    private static final int MOST_WAITING = 64;

    private final Call call;
    private final Supplier<Door> door;
    private final Set<InferStream> open;
    private final long deadlineNanos;
    private final Deque<StreamedInference> waiting = new ArrayDeque<>();
    private boolean paused;
    private boolean noMore;
    private boolean closed;
    private Messages messages;

    private InferStream(Call call, Supplier<Door> door, Set<InferStream> open, long deadlineNanos) {
        this.call = call;
        this.door = door;
        this.open = open;
        this.deadlineNanos = deadlineNanos;
    }

    /**
     * Answers a stream.
     *
     * @param open the streams that are, of one event loop: this one as long as it is
     */
    static void start(Call call, Supplier<Door> door, Messages.Limits limits, Set<InferStream> open) {
        try {
            InferStream stream = new InferStream(call, door, open, call.deadlineNanos());
            open.add(stream);
            Messages.readStream(call.request(), limits, stream);
            call.request().response().drainHandler(drained -> stream.resumeIfThereIsRoom());
        } catch (RequestException e) {
            call.fail(e);
        }
    }

    @Override
    public boolean message(Messages from, Buffer framed) throws RequestException {
        if (closed) {
            return false;
        }
        messages = from;
        StreamedInference inference = new StreamedInference(this, call, door.get(), deadlineNanos);
        waiting.addLast(inference);
        inference.start(from.plain(framed));
        if (!paused && !hasRoom()) {
            paused = true;
            call.request().pause();
        }
        return false;
    }

    private boolean hasRoom() {
        HttpServerResponse response = call.request().response();
        return waiting.size() < MOST_WAITING && (response.closed() || !response.writeQueueFull());
    }

    /** Sends what is answered, up to the first inference that isn't. */
    void flush() {
        while (!waiting.isEmpty() && waiting.peekFirst().isAnswered()) {
            call.send(waiting.removeFirst().answer());
        }
        resumeIfThereIsRoom();
        if (waiting.isEmpty() && closed) {
            finish();
            call.fail(GrpcStatus.UNAVAILABLE, "this revision takes no more requests: begin another stream");
        } else if (waiting.isEmpty() && noMore) {
            finish();
            call.end();
        }
    }

    /** Takes no further messages: the stream ends when those that are under way are answered. */
    void close() {
        if (!closed && !noMore) {
            closed = true;
            flush();
        }
    }

    private void finish() {
        open.remove(this);
        if (closed && messages != null) {
            messages.close();
        }
    }

    private void resumeIfThereIsRoom() {
        if (paused && hasRoom()) {
            paused = false;
            call.request().resume();
        }
    }

    @Override
    public void end() {
        noMore = true;
        flush();
    }

    /** What can't be read has no end, so nothing after it can be. */
    @Override
    public void refused(RequestException why) {
        gone();
        call.fail(why);
    }

    @Override
    public void cutOff() {
        gone();
        call.fail(GrpcStatus.CANCELLED, "the client is gone");
    }

    private void gone() {
        open.remove(this);
        waiting.forEach(StreamedInference::abandon);
    }
}
