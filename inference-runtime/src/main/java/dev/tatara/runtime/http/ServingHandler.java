package dev.tatara.runtime.http;

import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.metrics.ServingMetrics.Protocol;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.settings.RuntimeSettings;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;

/** Answers the serving port on one event loop. */
final class ServingHandler implements Handler<HttpServerRequest> {
    private static final byte[] LIVE = "{\"live\":true}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] READY = "{\"ready\":true}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] NOT_READY = "{\"ready\":false}".getBytes(StandardCharsets.UTF_8);

    private final Serving serving;
    private final RuntimeSettings settings;
    private final Supplier<byte[]> metrics;
    private final long maxBodyBytes;
    private final long maxBufferedBytes;
    private final String serverVersion;
    private Lane lane;
    private String inferPath;

    ServingHandler(Serving serving, RuntimeSettings settings, Supplier<byte[]> metrics, String serverVersion) {
        this.serving = serving;
        this.settings = settings;
        this.metrics = metrics;
        this.serverVersion = serverVersion;
        maxBodyBytes = settings.limits().maxBodyBytes();
        maxBufferedBytes = settings.limits().maxBufferedBytes();
    }

    @Override
    public void handle(HttpServerRequest request) {
        String path = request.path();
        if (path == null) {
            new Exchange(request, serving, null).fail(400, "the request has no path");
        } else if (path.equals(inferPath)) {
            infer(request, V2Dialect.INSTANCE, Protocol.V2_REST);
        } else {
            route(request, path);
        }
    }

    private void route(HttpServerRequest request, String path) {
        switch (path) {
            case "/predict" -> infer(request, new PlainDialect(false), Protocol.PREDICT);
            case "/predict/batch" -> infer(request, new PlainDialect(true), Protocol.PREDICT);
            case "/v2", "/v2/" -> get(request, exchange -> exchange.json(200, Descriptions.server(serverVersion)));
            case "/v2/health/live" -> get(request, exchange -> exchange.json(200, LIVE));
            case "/v2/health/ready" ->
                get(
                        request,
                        exchange ->
                                exchange.json(serving.isReady() ? 200 : 503, serving.isReady() ? READY : NOT_READY));
            case "/health" ->
                get(request, exchange -> exchange.json(serving.isReady() ? 200 : 503, Descriptions.health(serving)));
            case "/metrics" -> get(request, exchange -> exchange.answer(200, Descriptions.PROMETHEUS, metrics.get()));
            case "/model/info" ->
                get(request, exchange -> {
                    if (isLoaded(exchange)) {
                        exchange.json(200, Descriptions.modelInfo(lane().model()));
                    }
                });
            default -> model(request, path);
        }
    }

    private void model(HttpServerRequest request, String path) {
        Optional<ModelPath> parsed = path.startsWith(ModelPath.PREFIX) ? ModelPath.parse(path) : Optional.empty();
        if (parsed.isEmpty()) {
            new Exchange(request, serving, null).fail(404, "there is nothing at " + path);
            return;
        }
        ModelPath asked = parsed.get();
        switch (asked.action()) {
            case "infer" -> {
                Exchange exchange = new Exchange(request, serving, Protocol.V2_REST);
                if (isLoaded(exchange) && isRest(exchange) && isServed(asked, exchange)) {
                    infer(exchange, V2Dialect.INSTANCE);
                }
            }
            case "ready" ->
                get(request, exchange -> {
                    if (serving.loaded() == null) {
                        exchange.json(503, Descriptions.modelReady(asked.model(), false));
                    } else if (isServed(asked, exchange)) {
                        exchange.json(
                                serving.isReady() ? 200 : 503,
                                Descriptions.modelReady(asked.model(), serving.isReady()));
                    }
                });
            case "" ->
                get(request, exchange -> {
                    if (isLoaded(exchange) && isServed(asked, exchange)) {
                        exchange.json(200, lane().v2Writer().metadata());
                    }
                });
            default -> new Exchange(request, serving, null).fail(404, "there is nothing at " + path);
        }
    }

    private interface Answer {
        void to(Exchange exchange);
    }

    private void get(HttpServerRequest request, Answer answer) {
        Exchange exchange = new Exchange(request, serving, null);
        if (HttpMethod.GET.equals(request.method()) || HttpMethod.HEAD.equals(request.method())) {
            answer.to(exchange);
        } else {
            exchange.fail(405, request.method() + " is not allowed here: use GET");
        }
    }

    private void infer(HttpServerRequest request, InferenceExchange.Dialect dialect, Protocol protocol) {
        Exchange exchange = new Exchange(request, serving, protocol);
        if (isLoaded(exchange) && isRest(exchange)) {
            infer(exchange, dialect);
        }
    }

    private void infer(Exchange exchange, InferenceExchange.Dialect dialect) {
        if (!HttpMethod.POST.equals(exchange.request().method())) {
            exchange.fail(405, exchange.request().method() + " is not allowed here: use POST");
            return;
        }
        BodyReader.read(
                exchange.request(),
                serving,
                maxBodyBytes,
                maxBufferedBytes,
                new InferenceExchange(exchange, lane(), dialect));
    }

    private boolean isLoaded(Exchange exchange) {
        if (serving.loaded() == null) {
            exchange.fail(503, "the model is still loading");
            return false;
        }
        return true;
    }

    private boolean isRest(Exchange exchange) {
        if (!settings.protocols().rest()) {
            exchange.fail(404, "inference over REST is switched off (tatara.runtime.protocols.rest)");
            return false;
        }
        return true;
    }

    private boolean isServed(ModelPath asked, Exchange exchange) {
        ServedModel model = lane().model();
        if (!asked.model().equals(model.name())) {
            exchange.fail(404, "unknown model \"" + asked.model() + "\": this server serves \"" + model.name() + "\"");
            return false;
        }
        if (asked.version() != null && !asked.version().equals(model.version())) {
            exchange.fail(
                    404,
                    "model \"" + model.name() + "\" has no version \"" + asked.version()
                            + "\" here: this server serves version \"" + model.version() + "\"");
            return false;
        }
        return true;
    }

    private Lane lane() {
        Serving.Loaded loaded = serving.loaded();
        if (lane == null || !lane.loaded().equals(loaded)) {
            if (lane != null) {
                lane.close();
            }
            lane = new Lane(loaded, settings.inference().eventLoopBudget());
            inferPath = ModelPath.PREFIX + loaded.model().name() + "/infer";
        }
        return lane;
    }

    /** Frees native memory; nothing is handled afterwards. */
    void close() {
        if (lane != null) {
            lane.close();
            lane = null;
        }
    }
}
