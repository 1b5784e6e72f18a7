package dev.tatara.runtime.http;

import dev.tatara.runtime.features.FeatureServer;
import dev.tatara.runtime.features.StoreLinks;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.routing.AnswerComparison;
import dev.tatara.runtime.routing.Copy;
import dev.tatara.runtime.routing.Forwarder;
import dev.tatara.runtime.routing.JsonComparison;
import dev.tatara.runtime.routing.Routes;
import dev.tatara.runtime.routing.Routing;
import dev.tatara.runtime.routing.RoutingHeaders;
import dev.tatara.runtime.routing.Side;
import dev.tatara.runtime.serving.BodyReceiver;
import dev.tatara.runtime.serving.CurrentLane;
import dev.tatara.runtime.serving.Dialect;
import dev.tatara.runtime.serving.InferenceExchange;
import dev.tatara.runtime.serving.Lane;
import dev.tatara.runtime.serving.Protocol;
import dev.tatara.runtime.settings.RuntimeSettings;
import dev.tatara.runtime.v2.RequestRules;
import io.netty.util.AsciiString;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Answers the serving port on one event loop: inference itself, and the way to everything else. */
final class ServingHandler implements Handler<HttpServerRequest> {
    private static final CharSequence JSON_LENGTH = AsciiString.cached("inference-header-content-length");
    private static final byte[] NOTHING = {};
    private static final AnswerComparison COMPARISON = new JsonComparison();
    private static final int MOST_DIGITS = 9;

    private final RuntimeSettings settings;
    private final CurrentLane lanes;
    private final Loop loop;
    private final BodyReader.Bounds bounds;
    private final Cors cors;
    private final Pages pages;
    private final FeatureDoor features;
    private final Routing routing;
    private final Forwarder forwarder;
    private Doors doors;

    private interface Door {
        Dialect dialect(Doors doors, HttpServerRequest request) throws RequestException;
    }

    /**
     * @param forwarder the way to other pods; null for what other pods forwarded, which is answered here and was let in
     *     there
     */
    ServingHandler(
            Serving serving,
            RuntimeSettings settings,
            CurrentLane lanes,
            StoreLinks links,
            Forwarder forwarder,
            Supplier<byte[]> metrics,
            String serverVersion) {
        this.lanes = lanes;
        this.settings = settings;
        this.forwarder = forwarder;
        routing = serving.routing();
        loop = new Loop(serving, settings, forwarder == null);
        bounds = BodyReader.Bounds.of(serving, settings);
        cors = settings.http()
                .corsOrigins()
                .map(origins -> new Cors(Set.copyOf(origins)))
                .orElse(null);
        features = links == null ? null : new FeatureDoor(new FeatureServer(links), bounds);
        pages = new Pages(serving, settings, bounds, metrics, serverVersion);
    }

    void opened(HttpConnection connection) {
        loop.heads().opened(connection);
    }

    void closed(HttpConnection connection) {
        loop.heads().closed(connection);
    }

    /** Has what takes too long end; called now and then. */
    void sweep() {
        bounds.deadlines().sweep();
        loop.heads().sweep();
    }

    void close() {
        loop.close();
    }

    @Override
    public void handle(HttpServerRequest request) {
        if (cors != null) {
            cors.mark(request);
        }
        String path = request.path();
        if (path == null) {
            new Exchange(request, loop, null).fail(400, "the request has no path");
        } else if (doors != null && path.equals(doors.inferPath())) {
            infer(request, Protocol.V2_REST, ServingHandler::v2);
        } else if (HttpMethod.OPTIONS.equals(request.method())) {
            request.response().putHeader("Allow", "GET, HEAD, POST, OPTIONS");
            new Exchange(request, loop, null).answer(204, "text/plain", NOTHING);
        } else {
            route(request, path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path);
        }
    }

    private void route(HttpServerRequest request, String path) {
        switch (path) {
            case "/predict" ->
                infer(request, Protocol.PREDICT, (open, asked) -> open.plain().one());
            case "/predict/batch" ->
                infer(request, Protocol.PREDICT, (open, asked) -> open.plain().batch());
            case FeatureDoor.PATH -> features(new Exchange(request, loop, null), path);
            default -> {
                boolean v1 = path.startsWith(ModelPath.V1);
                if (v1 || path.startsWith(ModelPath.V2)) {
                    Optional<ModelPath> parsed = ModelPath.parse(path);
                    if (parsed.isPresent()) {
                        model(request, path, parsed.get(), v1);
                        return;
                    }
                }
                Exchange exchange = new Exchange(request, loop, null);
                pages.answer(exchange, path, doors());
            }
        }
    }

    private void model(HttpServerRequest request, String path, ModelPath asked, boolean v1) {
        boolean infers = asked.action().equals(v1 ? "predict" : "infer");
        Exchange exchange = new Exchange(request, loop, infers ? v1 ? Protocol.V1 : Protocol.V2_REST : null);
        Doors open = doors();
        if (open != null) {
            try {
                RequestRules.requireServed(open.model(), asked.model(), asked.version());
            } catch (RequestException e) {
                if (infers && routes()) {
                    infer(exchange, open, (lane, head) -> {
                        throw e;
                    });
                } else {
                    exchange.fail(e);
                }
                return;
            }
        }
        if (infers) {
            infer(exchange, open, v1 ? (lane, head) -> lane.v1().dialect() : ServingHandler::v2);
        } else {
            pages.model(exchange, path, asked, v1, open);
        }
    }

    private static Dialect v2(Doors open, HttpServerRequest request) throws RequestException {
        String length = request.headers().get(JSON_LENGTH);
        return open.v2().dialect(length == null ? -1 : jsonLength(length));
    }

    private static int jsonLength(String header) throws RequestException {
        boolean digits = !header.isEmpty() && header.length() <= MOST_DIGITS;
        for (int i = 0; digits && i < header.length(); i++) {
            digits = header.charAt(i) >= '0' && header.charAt(i) <= '9';
        }
        if (!digits) {
            throw RequestException.bad("the header Inference-Header-Content-Length must be a number of bytes, got \""
                    + (header.length() <= 40 ? header : header.substring(0, 40) + "…") + "\"");
        }
        return Integer.parseInt(header);
    }

    private void infer(HttpServerRequest request, Protocol protocol, Door door) {
        infer(new Exchange(request, loop, protocol), doors(), door);
    }

    private boolean routes() {
        return forwarder != null && routing.active() != null;
    }

    private void infer(Exchange exchange, Doors open, Door door) {
        if (open == null) {
            exchange.fail(503, loop.serving().whyNotLoaded());
        } else if (!settings.protocols().rest()) {
            exchange.fail(404, "inference over REST is switched off (tatara.runtime.protocols.rest)");
        } else if (!HttpMethod.POST.equals(exchange.request().method())) {
            exchange.notAllowed("POST");
        } else if (isAdmitted(exchange)) {
            Routes routes = forwarder == null ? null : routing.active();
            Side side = routes == null ? null : routes.choose(exchange.request());
            BodyReceiver receiver = side == null || side.isOwn()
                    ? here(exchange, open, door)
                    : new RoutedExchange(exchange, forwarder, routes, side, body -> standIn(exchange, door, body));
            if (receiver != null) {
                BodyReader.read(
                        exchange.request(),
                        bounds,
                        routes == null ? brought(exchange, receiver) : copied(exchange, routes, side, receiver));
            }
        }
    }

    /** Has the request copied, if it is to be. */
    private BodyReceiver copied(Exchange exchange, Routes routes, Side side, BodyReceiver receiver) {
        Copy copy = forwarder.mirror().copy(routes, side, exchange.request(), false, COMPARISON);
        exchange.setCopy(copy);
        return copy == null ? receiver : new CopiedBody(receiver, copy);
    }

    /** A copy may come with what is known of its features. */
    private static BodyReceiver brought(Exchange exchange, BodyReceiver receiver) {
        int length = exchange.isCopy()
                ? RoutingHeaders.featureBytes(exchange.request().headers())
                : 0;
        return length == 0 ? receiver : new BodyWithFeatures(receiver, exchange, length);
    }

    /** What answers a request in this pod; null if it was refused. */
    private static InferenceExchange here(Exchange exchange, Doors open, Door door) {
        Dialect dialect;
        try {
            dialect = door.dialect(open, exchange.request());
        } catch (RequestException e) {
            exchange.refuseBody(e);
            return null;
        }
        return new InferenceExchange(exchange, open.lane(), dialect);
    }

    /** Answers what no other pod could, with the model that is loaded by now. */
    private void standIn(Exchange exchange, Door door, Buffer body) {
        Doors open = doors();
        if (open == null) {
            exchange.fail(503, loop.serving().whyNotLoaded());
            return;
        }
        InferenceExchange own = here(exchange, open, door);
        if (own != null) {
            own.body(body);
        }
    }

    private void features(Exchange exchange, String path) {
        if (features == null || !settings.protocols().rest()) {
            pages.answer(exchange, path, doors());
        } else if (isAdmitted(exchange)) {
            features.answer(exchange);
        }
    }

    private boolean isAdmitted(Exchange exchange) {
        if (forwarder == null) {
            return true;
        }
        RequestException refusal = loop.serving()
                .admission()
                .refusal(exchange.request().headers(), exchange.request().remoteAddress());
        if (refusal != null) {
            exchange.turnAway(refusal);
        }
        return refusal == null;
    }

    /** The doors to the model that is loaded now, or null if there is none. */
    private Doors doors() {
        Lane lane = lanes.get();
        if (lane == null) {
            doors = null;
        } else if (doors == null || doors.lane() != lane) {
            doors = Doors.of(lane, settings);
        }
        return doors;
    }
}
