package dev.tatara.runtime.http;

import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceEngine;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.json.JsonBytes;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import org.jboss.logging.Logger;

/** Takes a body through reading, the engine and writing, whichever protocol it speaks and whichever thread runs it. */
final class InferenceExchange implements BodyReader.Receiver, InferenceEngine.Completion {
    private static final Logger LOG = Logger.getLogger(InferenceExchange.class);

    private final Exchange exchange;
    private final Lane lane;
    private final Dialect dialect;
    private Context context;
    private InferenceRequest request;

    /** How a protocol is read and written. */
    interface Dialect {
        void read(Lane lane, byte[] bytes, int offset, int length, InferenceRequest request) throws RequestException;

        void write(Lane lane, InferenceRequest request, InferenceAnswer answer, long nanos, JsonBytes out);
    }

    InferenceExchange(Exchange exchange, Lane lane, Dialect dialect) {
        this.exchange = exchange;
        this.lane = lane;
        this.dialect = dialect;
    }

    @Override
    public void body(Buffer whole) {
        request = lane.borrow();
        try {
            read(whole);
        } catch (RequestException e) {
            finish(e.status(), e.getMessage(), null);
            return;
        } catch (RuntimeException e) {
            broken(e);
            return;
        }
        try {
            lane.engine().submit(request, this);
        } catch (RuntimeException e) {
            broken(e);
            return;
        }
        if (!exchange.isAnswered()) {
            // Another thread has it now: a client that hangs up meanwhile needn't be answered.
            InferenceRequest waiting = request;
            exchange.request().response().closeHandler(gone -> waiting.abandon());
        }
    }

    @SuppressWarnings("deprecation") // Vert.x 4 has no other way to a buffer's bytes that doesn't copy them
    private void read(Buffer whole) throws RequestException {
        ByteBuf bytes = whole.getByteBuf();
        if (bytes.hasArray()) {
            dialect.read(
                    lane, bytes.array(), bytes.arrayOffset() + bytes.readerIndex(), bytes.readableBytes(), request);
        } else {
            byte[] copy = whole.getBytes();
            dialect.read(lane, copy, 0, copy.length, request);
        }
        if (context == null) {
            context = Vertx.currentContext();
        }
    }

    @Override
    public void refused(RequestException why) {
        exchange.refuseBody(why);
    }

    @Override
    public void cutOff() {
        exchange.abandoned();
    }

    @Override
    public void answered(InferenceRequest done, InferenceAnswer answer) {
        lane.metrics().ran(done, answer);
        JsonBytes out = lane.output();
        dialect.write(lane, done, answer, exchange.nanosSoFar(), out);
        finish(200, null, out.toByteArray());
    }

    @Override
    public void failed(InferenceRequest done, RequestException failure) {
        finish(failure.status(), failure.getMessage(), null);
    }

    private void broken(RuntimeException e) {
        LOG.errorf(
                e, "a request on %s could not be answered", exchange.request().path());
        if (!exchange.isAnswered()) {
            finish(500, "the server failed: its log says why", null);
        }
    }

    private void finish(int status, String error, byte[] body) {
        if (lane.isOnThread()) {
            send(status, error, body);
        } else {
            context.runOnContext(now -> send(status, error, body));
        }
    }

    private void send(int status, String error, byte[] body) {
        InferenceRequest done = request;
        request = null;
        if (error == null) {
            exchange.json(status, body);
        } else {
            exchange.fail(status, error);
        }
        if (done != null) {
            lane.giveBack(done);
        }
    }
}
