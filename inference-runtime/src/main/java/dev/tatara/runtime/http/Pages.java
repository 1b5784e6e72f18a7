package dev.tatara.runtime.http;

import dev.tatara.runtime.features.FeatureStores;
import dev.tatara.runtime.features.StoredView;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.json.Json;
import dev.tatara.runtime.json.JsonToken;
import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.observation.Observation;
import dev.tatara.runtime.openapi.DocsFile;
import dev.tatara.runtime.openapi.OpenApiDocument;
import dev.tatara.runtime.settings.RuntimeSettings;
import dev.tatara.runtime.v2.V2Descriptions;
import io.vertx.core.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Everything on the serving port that isn't inference. */
final class Pages {
    private static final byte[] ALIVE = "{\"status\":\"alive\"}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] LIVE = "{\"live\":true}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] READY = "{\"ready\":true}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] NOT_READY = "{\"ready\":false}".getBytes(StandardCharsets.UTF_8);

    private final Serving serving;
    private final RuntimeSettings settings;
    private final BodyReader.Bounds bounds;
    private final Supplier<byte[]> metrics;
    private final String serverVersion;
    private final Json json = new Json();

    Pages(
            Serving serving,
            RuntimeSettings settings,
            BodyReader.Bounds bounds,
            Supplier<byte[]> metrics,
            String serverVersion) {
        this.serving = serving;
        this.settings = settings;
        this.bounds = bounds;
        this.metrics = metrics;
        this.serverVersion = serverVersion;
    }

    /**
     * Answers at a path that names no model.
     *
     * @param open null while no model is loaded
     */
    void answer(Exchange exchange, String path, Doors open) {
        switch (path) {
            case "/" -> get(exchange, () -> exchange.json(200, ALIVE));
            case "/v2" -> get(exchange, () -> exchange.json(200, Descriptions.server(serverVersion)));
            case "/v2/health/live" -> get(exchange, () -> exchange.json(200, LIVE));
            case "/v2/health/ready" ->
                get(
                        exchange,
                        () -> exchange.json(serving.isReady() ? 200 : 503, serving.isReady() ? READY : NOT_READY));
            case "/health" ->
                get(exchange, () -> exchange.json(serving.isReady() ? 200 : 503, Descriptions.health(serving)));
            case "/metrics" -> get(exchange, () -> exchange.answer(200, Descriptions.PROMETHEUS, metrics.get()));
            case "/model/info" -> loaded(exchange, open, () -> Descriptions.modelInfo(open.model()));
            case "/v1/models", "/v2/models" -> loaded(exchange, open, () -> Descriptions.models(open.model()));
            case "/v2/models/stats" ->
                loaded(exchange, open, () -> V2Descriptions.statistics(open.model(), serving.statistics()));
            case "/v2/repository/index" -> index(exchange);
            case "/feedback" -> feedback(exchange);
            case "/openapi.json" -> {
                if (!settings.http().docs()) {
                    nothing(exchange, path);
                } else if (serving.isAlone()) {
                    get(exchange, () -> exchange.json(200, OpenApiDocument.of(views())));
                } else {
                    loaded(
                            exchange,
                            open,
                            () -> OpenApiDocument.of(
                                    open.model(), settings.protocols().rest(), views()));
                }
            }
            default -> {
                Optional<DocsFile> file = settings.http().docs() ? DocsFile.at(path) : Optional.empty();
                if (file.isPresent()) {
                    get(exchange, () -> exchange.file(file.get()));
                } else if (path.startsWith("/v2/repository/models/")) {
                    exchange.fail(
                            403, "models are loaded and unloaded on the admin port only (tatara.runtime.admin.port)");
                } else {
                    nothing(exchange, path);
                }
            }
        }
    }

    /**
     * Answers at a path of a model.
     *
     * @param asked for a model that is the served one, where one is loaded
     * @param open null while no model is loaded
     */
    void model(Exchange exchange, String path, ModelPath asked, boolean v1, Doors open) {
        if (v1) {
            if (asked.action().isEmpty()) {
                get(
                        exchange,
                        () -> exchange.json(
                                open == null ? 503 : 200,
                                Descriptions.modelReady(asked.model(), open != null && serving.isReady())));
            } else {
                exchange.fail(404, "there is no \":" + Json.shown(asked.action()) + "\" here: use :predict");
            }
            return;
        }
        switch (asked.action()) {
            case "ready" -> {
                boolean ready = open != null && serving.isReady();
                get(exchange, () -> exchange.json(ready ? 200 : 503, Descriptions.modelReady(asked.model(), ready)));
            }
            case "" -> loaded(exchange, open, () -> open.v2().writer().metadata());
            case "config" -> loaded(exchange, open, () -> V2Descriptions.config(open.model()));
            case "stats" -> loaded(exchange, open, () -> V2Descriptions.statistics(open.model(), serving.statistics()));
            default -> nothing(exchange, path);
        }
    }

    private List<StoredView> views() {
        FeatureStores features = serving.features();
        return features == null ? List.of() : features.views();
    }

    private static void nothing(Exchange exchange, String path) {
        exchange.fail(404, "there is nothing at " + Json.shown(path));
    }

    private static void get(Exchange exchange, Runnable answer) {
        HttpMethod method = exchange.request().method();
        if (HttpMethod.GET.equals(method) || HttpMethod.HEAD.equals(method)) {
            answer.run();
        } else {
            exchange.notAllowed("GET");
        }
    }

    private void loaded(Exchange exchange, Doors open, Supplier<byte[]> answer) {
        get(exchange, () -> {
            if (open == null) {
                exchange.fail(503, serving.whyNotLoaded());
            } else {
                exchange.json(200, answer.get());
            }
        });
    }

    /** {@code POST} with an optional {@code {"ready": true}}. */
    private void index(Exchange exchange) {
        if (Posted.isPost(exchange)) {
            Posted.read(exchange, bounds, body -> exchange.json(200, index(onlyReady(body))));
        }
    }

    /** {@code POST} with labels or figures for earlier answers. */
    private void feedback(Exchange exchange) {
        if (!Posted.isPost(exchange)) {
            return;
        }
        Observation observation = serving.observation();
        if (observation == null) {
            exchange.fail(503, serving.whyNotLoaded());
            return;
        }
        Posted.read(exchange, bounds, body -> {
            int taken = observation.feedback().accept(json, body, 0, body.length);
            exchange.json(202, ("{\"accepted\":" + taken + "}").getBytes(StandardCharsets.UTF_8));
        });
    }

    private byte[] index(boolean onlyReady) {
        Serving.Loaded loaded = serving.loaded();
        String name = loaded == null
                ? settings.model().name().orElse("")
                : loaded.model().name();
        boolean ready = serving.isReady();
        return V2Descriptions.index(
                name,
                loaded == null ? settings.model().version() : loaded.model().version(),
                ready,
                ready ? "" : loaded == null ? serving.whyNotLoaded() : "draining",
                onlyReady);
    }

    private boolean onlyReady(byte[] body) throws RequestException {
        if (body.length == 0) {
            return false;
        }
        boolean[] ready = {false};
        json.read(body, 0, body.length, parser -> {
            Json.expect(parser, JsonToken.START_OBJECT, "the request");
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String field = parser.currentName();
                JsonToken value = parser.nextToken();
                if (field.equals("ready")) {
                    ready[0] = value == JsonToken.VALUE_TRUE;
                }
                parser.skipChildren();
            }
        });
        return ready[0];
    }
}
