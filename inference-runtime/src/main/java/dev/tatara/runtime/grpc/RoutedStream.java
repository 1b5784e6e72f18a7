package dev.tatara.runtime.grpc;

import dev.tatara.runtime.routing.Forwarder;
import dev.tatara.runtime.routing.Relay;
import dev.tatara.runtime.routing.Routes;
import dev.tatara.runtime.routing.Side;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;

/**
 * A {@code ModelStreamInfer} that another revision answers from its first message to its last. Until a pod has taken it,
 * another one may; after that the client is told when it breaks.
 */
final class RoutedStream implements Relay.Stream {
    private final Call call;
    private final Runnable here;

    private RoutedStream(Call call, Runnable here) {
        this.call = call;
        this.here = here;
        call.serving().active().incrementAndGet();
    }

    /**
     * @param here answers the stream in this pod
     */
    static void start(Call call, Forwarder forwarder, Routes routes, Side side, Runnable here) {
        forwarder.relay(routes, side, new RoutedStream(call, here));
    }

    @Override
    public HttpServerRequest request() {
        return call.request();
    }

    @Override
    public void begin(MultiMap headers) {
        call.begin(headers);
    }

    @Override
    public void end(MultiMap trailers) {
        call.end(trailers, this::left);
    }

    @Override
    public void answerHere() {
        left();
        here.run();
    }

    @Override
    public void broken(String why) {
        call.fail(GrpcStatus.UNAVAILABLE, why, this::left);
    }

    private void left() {
        call.serving().active().decrementAndGet();
    }
}
