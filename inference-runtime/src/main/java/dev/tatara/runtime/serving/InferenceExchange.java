package dev.tatara.runtime.serving;

import dev.tatara.runtime.features.Lookups;
import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceEngine;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.inference.TraceContext;
import dev.tatara.runtime.serving.LaneStatistics.Times.Cache;
import dev.tatara.runtime.tracing.RequestSpan;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import org.jboss.logging.Logger;

/** Takes a body through reading, the engine and writing, whichever protocol it speaks and whichever thread runs it. */
public final class InferenceExchange implements BodyReceiver, InferenceEngine.Completion {
    private static final Logger LOG = Logger.getLogger(InferenceExchange.class);

    private static final int CLIENT_IS_GONE = 499;
    private static final CharSequence REQUEST_ID = AsciiString.cached("X-Request-Id");
    private static final CharSequence TRACE_PARENT = AsciiString.cached("traceparent");

    private final Responder responder;
    private final Lane lane;
    private final Dialect dialect;
    private final LaneStatistics.Times times = new LaneStatistics.Times();
    private Context context;
    private InferenceRequest request;
    private long rows;
    private long runRows;
    private boolean left;

    public InferenceExchange(Responder responder, Lane lane, Dialect dialect) {
        this.responder = responder;
        this.lane = lane;
        this.dialect = dialect;
        lane.enter();
    }

    @Override
    public void body(Buffer whole) {
        request = lane.borrow();
        long received = System.nanoTime();
        try {
            read(whole);
            times.input = System.nanoTime() - received;
        } catch (RequestException e) {
            finish(e, null);
            return;
        } catch (RuntimeException e) {
            broken(e);
            return;
        }
        long timeout = responder.timeoutNanos();
        if (timeout > 0) {
            request.setDeadlineNanos(System.nanoTime() - responder.nanosSoFar() + timeout);
        }
        if (request.entityKeys() != null && request.entityKeys().isAnyLeft()) {
            look();
        } else {
            submit();
        }
    }

    private void look() {
        long started = System.nanoTime();
        try {
            lane.lookups().look(request, responder.features(), new Lookups.Completion() {
                @Override
                public void found() {
                    looked(started);
                    submit();
                }

                @Override
                public void notFound(RequestException why) {
                    looked(started);
                    finish(why, null);
                }
            });
        } catch (RuntimeException e) {
            broken(e);
        }
    }

    private void looked(long started) {
        RequestSpan span = responder.span();
        if (span != null) {
            span.looked(started, System.nanoTime());
        }
    }

    private void submit() {
        try {
            lane.engine().submit(request, this);
        } catch (RuntimeException e) {
            broken(e);
            return;
        }
        InferenceRequest waiting = request;
        if (waiting != null && waiting.isQueued() && !responder.isAnswered()) {
            // Another thread has it now: a client that hangs up meanwhile needn't be answered.
            responder.onGone(() -> {
                // A stream of HTTP/2 also ends when it was answered, and then the request is another's.
                if (!responder.isAnswered()) {
                    waiting.abandon();
                }
            });
        }
    }

    @SuppressWarnings("deprecation") // Vert.x 4 has no other way to a buffer's bytes that doesn't copy them
    private void read(Buffer whole) throws RequestException {
        ByteBuf bytes = whole.getByteBuf();
        if (bytes.hasArray()) {
            dialect.read(bytes.array(), bytes.arrayOffset() + bytes.readerIndex(), bytes.readableBytes(), request);
        } else {
            byte[] copy = whole.getBytes();
            dialect.read(copy, 0, copy.length, request);
        }
        if (context == null) {
            context = Vertx.currentContext();
        }
        RequestSpan span = responder.span();
        if (span != null || lane.identifies()) {
            identify(span);
        }
    }

    private void identify(RequestSpan span) {
        String id = request.id();
        if (id == null || id.isEmpty()) {
            id = RequestIds.given(responder.header(REQUEST_ID));
        }
        if (id == null) {
            id = RequestIds.make();
        }
        TraceContext trace = span == null ? TraceContext.parse(responder.header(TRACE_PARENT)) : span.context();
        request.identify(id, trace);
        request.setSubject(lane.subject(responder));
        responder.identified(id, trace);
    }

    @Override
    public void refused(RequestException why) {
        responder.refuseBody(why);
        failed(why.status());
        leave();
    }

    @Override
    public void cutOff() {
        responder.abandoned();
        failed(CLIENT_IS_GONE);
        leave();
    }

    @Override
    public void answered(InferenceRequest done, InferenceAnswer answer) {
        times.queue = answer.queueNanos();
        times.inference = answer.inferenceNanos();
        rows = done.rows();
        times.cache = answer.batchRows() == 0 ? Cache.HIT : lane.caches() ? Cache.MISS : Cache.NONE;
        runRows = answer.isFirstOfRun() ? answer.batchRows() : 0;
        if (!responder.isCopy()) {
            lane.observed(responder.protocol(), done, answer);
        }
        RequestSpan span = responder.span();
        if (span != null) {
            span.answered(done, answer);
        }
        Reply reply = lane.reply();
        long sofar = responder.nanosSoFar();
        dialect.write(done, answer, sofar, reply);
        times.total = responder.nanosSoFar();
        times.output = times.total - sofar;
        finish(null, reply);
    }

    @Override
    public void failed(InferenceRequest done, RequestException failure) {
        finish(failure, null);
    }

    private void broken(RuntimeException e) {
        LOG.errorf(
                e, "a request by %s could not be answered", responder.protocol().label());
        if (!responder.isAnswered()) {
            finish(new RequestException(500, "the server failed: its log says why"), null);
        }
    }

    private void finish(RequestException failure, Reply reply) {
        if (lane.isOnThread()) {
            send(failure, reply);
        } else {
            context.runOnContext(now -> send(failure, reply));
        }
    }

    private void send(RequestException failure, Reply reply) {
        InferenceRequest done = request;
        request = null;
        try {
            if (failure == null) {
                responder.answer(reply);
                if (!responder.isCopy()) {
                    lane.succeeded(rows, runRows, times);
                }
            } else {
                responder.fail(failure);
                failed(failure.status());
            }
        } finally {
            if (done != null) {
                lane.giveBack(done);
            }
            leave();
        }
    }

    private void failed(int status) {
        if (!responder.isCopy()) {
            lane.failed(status, responder.nanosSoFar());
        }
    }

    private void leave() {
        if (!left) {
            left = true;
            lane.leave();
        }
    }
}
