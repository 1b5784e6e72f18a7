package dev.tatara.runtime.http;

import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.settings.RuntimeSettings;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** The admin port: probes and metrics, on an event loop that no inference runs on. */
public final class AdminVerticle extends AbstractVerticle {
    private final Serving serving;
    private final RuntimeSettings settings;
    private final Supplier<byte[]> metrics;
    private final IntConsumer listening;

    /**
     * @param listening is told the port
     */
    public AdminVerticle(Serving serving, RuntimeSettings settings, Supplier<byte[]> metrics, IntConsumer listening) {
        this.serving = serving;
        this.settings = settings;
        this.metrics = metrics;
        this.listening = listening;
    }

    @Override
    public void start(Promise<Void> started) {
        vertx.createHttpServer()
                .requestHandler(this::handle)
                .listen(settings.admin().port(), settings.http().host())
                .onSuccess(server -> {
                    listening.accept(server.actualPort());
                    started.complete();
                })
                .onFailure(started::fail);
    }

    private void handle(HttpServerRequest request) {
        switch (request.path()) {
            // Started stays true while draining: a startup probe that fails would have the pod killed.
            case "/health/started" -> status(request, serving.loaded() != null, "the model is still loading");
            case "/health/live" -> status(request, true, "");
            case "/health/ready" ->
                status(request, serving.isReady(), serving.isDraining() ? "draining" : "the model is still loading");
            case "/metrics" ->
                request.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, Descriptions.PROMETHEUS)
                        .end(io.vertx.core.buffer.Buffer.buffer(metrics.get()));
            case null -> request.response().setStatusCode(400).end();
            default -> request.response().setStatusCode(404).end("{\"error\":\"there is nothing here\"}");
        }
    }

    private static void status(HttpServerRequest request, boolean up, String reason) {
        request.response()
                .setStatusCode(up ? 200 : 503)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(up ? "{\"status\":\"UP\"}" : "{\"status\":\"DOWN\",\"reason\":\"" + reason + "\"}");
    }
}
