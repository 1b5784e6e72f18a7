package dev.tatara.runtime.grpc;

import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.routing.Forwarded;
import dev.tatara.runtime.routing.Forwarder;
import dev.tatara.runtime.routing.PeerAnswer;
import dev.tatara.runtime.routing.Routes;
import dev.tatara.runtime.routing.Side;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A {@code ModelInfer} that another revision is to answer. */
final class RoutedCall implements Messages.Receiver, Forwarded {
    private final Call call;
    private final Supplier<Door> door;
    private final Forwarder forwarder;
    private final Routes routes;
    private final Side side;
    private final long deadlineNanos;
    private Messages messages;
    private Buffer message;

    private RoutedCall(
            Call call, Supplier<Door> door, Forwarder forwarder, Routes routes, Side side, long deadlineNanos) {
        this.call = call;
        this.door = door;
        this.forwarder = forwarder;
        this.routes = routes;
        this.side = side;
        this.deadlineNanos = deadlineNanos;
        call.serving().active().incrementAndGet();
    }

    static void start(
            Call call, Supplier<Door> door, Forwarder forwarder, Routes routes, Side side, Messages.Limits limits) {
        try {
            RoutedCall routed = new RoutedCall(call, door, forwarder, routes, side, call.deadlineNanos());
            RequestException refusal = call.admission();
            if (refusal != null) {
                routed.fail(refusal);
            } else {
                Messages.read(call.request(), limits, routed);
            }
        } catch (RequestException e) {
            call.fail(e);
        }
    }

    @Override
    public boolean message(Messages from, Buffer framed) throws RequestException {
        if (message != null) {
            throw RequestException.bad("ModelInfer takes one message, got another");
        }
        messages = from;
        message = framed;
        call.brought(framed);
        return true;
    }

    @Override
    public void end() {
        if (message == null) {
            fail(RequestException.bad("ModelInfer takes one message, got none"));
        } else {
            forwarder.forward(routes, side, this);
        }
    }

    @Override
    public void refused(RequestException why) {
        fail(why);
    }

    @Override
    public void cutOff() {
        call.fail(GrpcStatus.CANCELLED, "the client is gone", this::left);
    }

    @Override
    public HttpServerRequest request() {
        return call.request();
    }

    @Override
    public Buffer body() {
        return message;
    }

    @Override
    public boolean isCall() {
        return true;
    }

    @Override
    public long deadlineNanos() {
        return deadlineNanos;
    }

    @Override
    public void adjust(MultiMap headers, long nanos) {
        if (deadlineNanos != 0) {
            headers.set(Call.TIMEOUT, timeout(nanos));
        }
    }

    /** At most eight digits, in the finest unit that fits. */
    static String timeout(long nanos) {
        long micros = Math.max(1, TimeUnit.NANOSECONDS.toMicros(nanos));
        if (micros < 100_000_000) {
            return micros + "u";
        }
        long millis = TimeUnit.MICROSECONDS.toMillis(micros);
        return millis < 100_000_000 ? millis + "m" : Math.min(99_999_999, millis / 1000) + "S";
    }

    @Override
    public void onGone(Runnable action) {
        HttpServerResponse response = call.request().response();
        response.exceptionHandler(gone -> action.run());
        response.closeHandler(gone -> action.run());
    }

    @Override
    public void abandoned() {
        call.fail(GrpcStatus.CANCELLED, "the client is gone", this::left);
    }

    @Override
    public void relay(PeerAnswer answer) {
        call.relay(answer, this::left);
    }

    @Override
    public void answerHere() {
        InferCall.take(call, door.get(), messages, message);
        left();
    }

    @Override
    public void fail(RequestException why) {
        call.fail(why, this::left);
    }

    private void left() {
        call.serving().active().decrementAndGet();
    }
}
