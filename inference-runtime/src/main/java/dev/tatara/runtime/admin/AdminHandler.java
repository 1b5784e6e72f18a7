package dev.tatara.runtime.admin;

import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.lifecycle.ModelControl;
import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.model.ModelUnavailableException;
import dev.tatara.runtime.observation.Observation;
import dev.tatara.runtime.serving.Reply;
import dev.tatara.runtime.v2.V2Descriptions;
import io.netty.util.AsciiString;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Answers the admin port. */
final class AdminHandler implements Handler<HttpServerRequest> {
    private static final Logger LOG = Logger.getLogger(AdminHandler.class);
    private static final CharSequence PROMETHEUS = AsciiString.cached("text/plain; version=0.0.4; charset=utf-8");
    private static final String REPOSITORY = "/v2/repository/models/";

    private final Serving serving;
    private final ModelControl control;
    private final AdminAccess access;
    private final Supplier<byte[]> metrics;
    private final TrafficHandler traffic;

    AdminHandler(Serving serving, ModelControl control, AdminAccess access, Supplier<byte[]> metrics) {
        this.serving = serving;
        this.control = control;
        this.access = access;
        this.metrics = metrics;
        traffic = new TrafficHandler(serving);
    }

    @Override
    public void handle(HttpServerRequest request) {
        String path = request.path();
        if (path == null) {
            error(request, 400, "the request has no path");
        } else if (path.startsWith(REPOSITORY)) {
            repository(request, path.substring(REPOSITORY.length()));
        } else if (path.equals(TrafficHandler.PATH) || path.startsWith(TrafficHandler.PATH + "/")) {
            traffic.handle(request);
        } else if (!HttpMethod.GET.equals(request.method()) && !HttpMethod.HEAD.equals(request.method())) {
            request.response().putHeader(HttpHeaders.ALLOW, "GET");
            error(request, 405, request.method() + " is not allowed here: use GET");
        } else {
            get(request, path);
        }
    }

    private void get(HttpServerRequest request, String path) {
        switch (path) {
            // Started stays true while draining or unloaded: a startup probe that fails would have the pod killed.
            case "/health/started" -> status(request, serving.hasBegun(), "the model is still loading");
            case "/health/live" -> status(request, true, "");
            case "/health/ready" -> status(request, serving.isReady(), serving.whyNotReady());
            case "/metrics" ->
                request.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, PROMETHEUS)
                        .end(Buffer.buffer(metrics.get()));
            case "/admin/stats" -> {
                Observation observation = serving.observation();
                if (observation == null) {
                    error(request, 503, serving.whyNotLoaded());
                } else {
                    json(request, 200, observation.stats());
                }
            }
            case "/v2/models/stats" -> {
                Serving.Loaded loaded = serving.loaded();
                if (loaded == null) {
                    error(request, 503, serving.whyNotLoaded());
                } else {
                    json(request, 200, V2Descriptions.statistics(loaded.model(), serving.statistics()));
                }
            }
            default -> error(request, 404, "there is nothing at " + path);
        }
    }

    /** {@code <model>/load} and {@code <model>/unload}. */
    private void repository(HttpServerRequest request, String rest) {
        int slash = rest.lastIndexOf('/');
        String action = rest.substring(slash + 1);
        if (slash <= 0 || !(action.equals("load") || action.equals("unload"))) {
            error(request, 404, "there is nothing at " + request.path());
            return;
        }
        if (!HttpMethod.POST.equals(request.method())) {
            request.response().putHeader(HttpHeaders.ALLOW, "POST");
            error(request, 405, request.method() + " is not allowed here: use POST");
            return;
        }
        Optional<String> refusal = access.refusal(request);
        if (refusal.isPresent()) {
            error(request, 403, refusal.get());
            return;
        }
        String model = decode(rest.substring(0, slash));
        Serving.Loaded loaded = serving.loaded();
        if (loaded != null && !loaded.model().name().equals(model)) {
            error(
                    request,
                    404,
                    "unknown model \"" + model + "\": this server serves \""
                            + loaded.model().name() + "\"");
            return;
        }
        change(request, action.equals("load"));
    }

    private static String decode(String part) {
        try {
            return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return part;
        }
    }

    private void change(HttpServerRequest request, boolean load) {
        LOG.infof("%s of the model asked for by %s", load ? "load" : "unload", request.remoteAddress());
        Vertx.currentContext()
                .<Void>executeBlocking(() -> {
                    if (load) {
                        control.load();
                    } else {
                        control.unload();
                    }
                    return null;
                })
                .onSuccess(done -> json(request, 200, new byte[0]))
                .onFailure(failure -> {
                    if (failure instanceof ModelUnavailableException) {
                        LOG.warnf("the model was not loaded again: %s", failure.getMessage());
                        error(request, 503, failure.getMessage());
                    } else {
                        LOG.error("the model was not loaded again", failure);
                        error(request, 500, "the server failed: its log says why");
                    }
                });
    }

    private static void status(HttpServerRequest request, boolean up, String reason) {
        json(
                request,
                up ? 200 : 503,
                (up ? "{\"status\":\"UP\"}" : "{\"status\":\"DOWN\",\"reason\":\"" + reason + "\"}")
                        .getBytes(StandardCharsets.UTF_8));
    }

    static void error(HttpServerRequest request, int status, String message) {
        json(
                request,
                status,
                new JsonBytes().raw("{\"error\":").string(message).raw('}').toByteArray());
    }

    static void json(HttpServerRequest request, int status, byte[] body) {
        if (!request.response().closed()) {
            request.response()
                    .setStatusCode(status)
                    .putHeader(HttpHeaders.CONTENT_TYPE, Reply.JSON)
                    .end(Buffer.buffer(body));
        }
    }
}
