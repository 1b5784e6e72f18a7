package dev.tatara.runtime.http;

import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.plain.PlainDialects;
import dev.tatara.runtime.serving.CurrentLane;
import dev.tatara.runtime.serving.Dialect;
import dev.tatara.runtime.serving.InferenceExchange;
import dev.tatara.runtime.serving.Lane;
import dev.tatara.runtime.serving.Protocol;
import dev.tatara.runtime.settings.RuntimeSettings;
import dev.tatara.runtime.v2.V2Dialect;
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
    private final CurrentLane lanes;
    private Doors doors;

    /** What reads and writes the protocols of REST on one lane. */
    private record Doors(Lane lane, V2Dialect v2, PlainDialects plain, String inferPath) {
        static Doors of(Lane lane) {
            return new Doors(
                    lane,
                    new V2Dialect(lane),
                    new PlainDialects(lane),
                    ModelPath.PREFIX + lane.model().name() + "/infer");
        }

        ServedModel model() {
            return lane.model();
        }
    }

    private interface Door {
        Dialect dialect(Doors doors);
    }

    ServingHandler(
            Serving serving,
            RuntimeSettings settings,
            CurrentLane lanes,
            Supplier<byte[]> metrics,
            String serverVersion) {
        this.lanes = lanes;
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
        } else if (doors != null && path.equals(doors.inferPath)) {
            infer(request, Protocol.V2_REST, Doors::v2);
        } else {
            route(request, path);
        }
    }

    private void route(HttpServerRequest request, String path) {
        switch (path) {
            case "/predict" -> infer(request, Protocol.PREDICT, open -> open.plain.one());
            case "/predict/batch" -> infer(request, Protocol.PREDICT, open -> open.plain.batch());
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
                    Doors open = open(exchange);
                    if (open != null) {
                        exchange.json(200, Descriptions.modelInfo(open.model()));
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
                Doors open = open(exchange);
                if (open != null && isRest(exchange) && isServed(asked, open.model(), exchange)) {
                    infer(exchange, open, open.v2);
                }
            }
            case "ready" ->
                get(request, exchange -> {
                    Doors open = doors();
                    if (open == null) {
                        exchange.json(503, Descriptions.modelReady(asked.model(), false));
                    } else if (isServed(asked, open.model(), exchange)) {
                        exchange.json(
                                serving.isReady() ? 200 : 503,
                                Descriptions.modelReady(asked.model(), serving.isReady()));
                    }
                });
            case "" ->
                get(request, exchange -> {
                    Doors open = open(exchange);
                    if (open != null && isServed(asked, open.model(), exchange)) {
                        exchange.json(200, open.v2.writer().metadata());
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

    private void infer(HttpServerRequest request, Protocol protocol, Door door) {
        Exchange exchange = new Exchange(request, serving, protocol);
        Doors open = open(exchange);
        if (open != null && isRest(exchange)) {
            infer(exchange, open, door.dialect(open));
        }
    }

    private void infer(Exchange exchange, Doors open, Dialect dialect) {
        if (!HttpMethod.POST.equals(exchange.request().method())) {
            exchange.fail(405, exchange.request().method() + " is not allowed here: use POST");
            return;
        }
        RequestException refusal = serving.admission()
                .refusal(exchange.request().headers(), exchange.request().remoteAddress());
        if (refusal != null) {
            exchange.turnAway(refusal);
            return;
        }
        BodyReader.read(
                exchange.request(),
                serving,
                maxBodyBytes,
                maxBufferedBytes,
                new InferenceExchange(exchange, open.lane, dialect));
    }

    /** The doors to the model that is loaded now, or null after the client was told that there is none. */
    private Doors open(Exchange exchange) {
        Doors open = doors();
        if (open == null) {
            exchange.fail(503, "the model is still loading");
        }
        return open;
    }

    private Doors doors() {
        Lane lane = lanes.get();
        if (lane == null) {
            doors = null;
        } else if (doors == null || doors.lane != lane) {
            doors = Doors.of(lane);
        }
        return doors;
    }

    private boolean isRest(Exchange exchange) {
        if (!settings.protocols().rest()) {
            exchange.fail(404, "inference over REST is switched off (tatara.runtime.protocols.rest)");
            return false;
        }
        return true;
    }

    private static boolean isServed(ModelPath asked, ServedModel model, Exchange exchange) {
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
}
