package dev.tatara.runtime.http;

import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.routing.Forwarded;
import dev.tatara.runtime.routing.Forwarder;
import dev.tatara.runtime.routing.PeerAnswer;
import dev.tatara.runtime.routing.Routes;
import dev.tatara.runtime.routing.Side;
import dev.tatara.runtime.serving.BodyReceiver;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A request over REST that another revision is to answer. */
final class RoutedExchange implements BodyReceiver, Forwarded {
    private final Exchange exchange;
    private final Forwarder forwarder;
    private final Routes routes;
    private final Side side;
    private final Consumer<Buffer> here;
    private final long deadlineNanos;
    private Buffer body;

    /**
     * @param here answers a body in this pod
     */
    RoutedExchange(Exchange exchange, Forwarder forwarder, Routes routes, Side side, Consumer<Buffer> here) {
        this.exchange = exchange;
        this.forwarder = forwarder;
        this.routes = routes;
        this.side = side;
        this.here = here;
        long timeout = exchange.timeoutNanos();
        deadlineNanos = timeout == 0 ? 0 : System.nanoTime() - exchange.nanosSoFar() + timeout;
    }

    @Override
    public void body(Buffer whole) {
        body = whole;
        forwarder.forward(routes, side, this);
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
    public HttpServerRequest request() {
        return exchange.request();
    }

    @Override
    public Buffer body() {
        return body;
    }

    @Override
    public boolean isCall() {
        return false;
    }

    @Override
    public long deadlineNanos() {
        return deadlineNanos;
    }

    @Override
    public void adjust(MultiMap headers, long nanos) {
        // The body was unpacked to look at its size.
        headers.remove(HttpHeaders.CONTENT_ENCODING);
        if (deadlineNanos != 0) {
            headers.set(Exchange.TIMEOUT_MILLIS, Long.toString(Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos))));
        }
    }

    @Override
    public void onGone(Runnable action) {
        exchange.onGone(action);
    }

    @Override
    public void abandoned() {
        exchange.leftToAnother();
    }

    @Override
    public void relay(PeerAnswer answer) {
        exchange.relay(answer);
    }

    @Override
    public void answerHere() {
        Buffer whole = body;
        body = null;
        here.accept(whole);
    }

    @Override
    public void fail(RequestException why) {
        exchange.fail(why);
    }
}
