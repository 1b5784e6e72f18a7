package dev.tatara.runtime.admin;

import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.observation.Observation;
import dev.tatara.runtime.routing.Routing;
import dev.tatara.runtime.routing.Routing.Outcome;
import dev.tatara.traffic.SignedTable;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;

/** The traffic table: taking it, showing it, and what was counted by it. Whoever signed it may bring it, from anywhere. */
final class TrafficHandler implements Handler<HttpServerRequest> {
    static final String PATH = "/admin/traffic";

    private static final String STATISTICS = PATH + "/statistics";
    private static final String MISMATCHES = PATH + "/mismatches";
    private static final int MOST_DIGITS = 18;

    private final Serving serving;
    private final Routing routing;

    TrafficHandler(Serving serving) {
        this.serving = serving;
        routing = serving.routing();
    }

    @Override
    public void handle(HttpServerRequest request) {
        String path = request.path();
        if (!routing.isRouted()) {
            AdminHandler.error(
                    request, 404, "this pod isn't routed: tatara.runtime.traffic.table names no file of a table");
        } else if (path.equals(PATH) && HttpMethod.PUT.equals(request.method())) {
            put(request);
        } else if (!HttpMethod.GET.equals(request.method())) {
            request.response().putHeader(HttpHeaders.ALLOW, path.equals(PATH) ? "GET, PUT" : "GET");
            AdminHandler.error(request, 405, request.method() + " is not allowed here");
        } else if (path.equals(PATH)) {
            byte[] table = routing.tableJson();
            if (table == null) {
                AdminHandler.error(request, 404, "no traffic table is in force");
            } else {
                AdminHandler.json(request, 200, table);
            }
        } else if (path.equals(STATISTICS)) {
            AdminHandler.json(request, 200, statistics(request));
        } else if (path.equals(MISMATCHES)) {
            AdminHandler.json(request, 200, routing.mismatches());
        } else {
            AdminHandler.error(request, 404, "there is nothing at " + path);
        }
    }

    /** Sketches are large: who wants them of fewer buckets than the figures says so. */
    private byte[] statistics(HttpServerRequest request) {
        long since = millis(request.getParam("since"), 0);
        long sketchesSince = millis(request.getParam("predictions"), since);
        Observation observation = serving.observation();
        return routing.statistics(since, observation == null ? Map.of() : observation.predictions(sketchesSince));
    }

    private static long millis(String text, long otherwise) {
        return text == null
                        || text.isEmpty()
                        || text.length() > MOST_DIGITS
                        || !text.chars().allMatch(digit -> digit >= '0' && digit <= '9')
                ? otherwise
                : Long.parseLong(text);
    }

    private void put(HttpServerRequest request) {
        Buffer body = Buffer.buffer();
        request.handler(piece -> {
            if (body.length() <= SignedTable.MOST_BYTES) {
                body.appendBuffer(piece);
            }
        });
        request.endHandler(end -> take(request, body.getBytes()));
    }

    private void take(HttpServerRequest request, byte[] document) {
        switch (routing.take(document)) {
            case Outcome.InForce inForce -> answer(request, 200, inForce.generation());
            case Outcome.Stale stale -> answer(request, 409, stale.generation());
            case Outcome.Refused refused -> AdminHandler.error(request, 403, refused.why());
            case Outcome.Malformed malformed -> AdminHandler.error(request, 400, malformed.why());
        }
    }

    /** What is in force here, whether it is what was brought or not. */
    private void answer(HttpServerRequest request, int status, long generation) {
        JsonBytes answer = new JsonBytes().raw("{\"service\":").string(routing.service());
        answer.raw(",\"generation\":").raw(Long.toString(generation));
        answer.raw(",\"revision\":").string(routing.revision()).raw('}');
        AdminHandler.json(request, status, answer.toByteArray());
    }
}
