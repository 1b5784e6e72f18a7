package dev.tatara.runtime.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Set;

/** Lets pages of other origins ask from a browser, as far as the settings name them. */
final class Cors {
    private static final String ANY = "*";
    private static final String ONE_HOUR = "3600";

    private final Set<String> origins;

    Cors(Set<String> origins) {
        this.origins = Set.copyOf(origins);
    }

    /** Adds what a browser wants to read. */
    void mark(HttpServerRequest request) {
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        if (origin == null || !(origins.contains(ANY) || origins.contains(origin))) {
            return;
        }
        HttpServerResponse response = request.response();
        response.putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origins.contains(ANY) ? ANY : origin);
        response.putHeader(HttpHeaders.VARY, HttpHeaders.ORIGIN);
        response.putHeader("Access-Control-Expose-Headers", "Inference-Header-Content-Length");
        if (request.getHeader(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD) != null) {
            String asked = request.getHeader(HttpHeaders.ACCESS_CONTROL_REQUEST_HEADERS);
            response.putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS");
            if (asked != null) {
                response.putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, asked);
            }
            response.putHeader(HttpHeaders.ACCESS_CONTROL_MAX_AGE, ONE_HOUR);
        }
    }
}
