package dev.tatara.runtime.tracing;

import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.TraceContext;
import dev.tatara.runtime.observation.Identity;
import dev.tatara.runtime.serving.Protocol;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The span of one request, by OpenTelemetry's semantic conventions, with what it waited and what the model took as its
 * children. Belongs to whoever answers the request; ended once.
 */
public final class RequestSpan {
    private static final int CLIENT_IS_GONE = 499;
    private static final int FIRST_SERVER_ERROR = 500;
    private static final String ERROR_TYPE = "error.type";

    /** By the conventions for gRPC, these are the server's faults. */
    private static final Set<String> SERVER_ERRORS =
            Set.of("UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS");

    private final Tracer tracer;
    private final Span span;
    private final long epochNanos;
    private final long startedNanos;
    private boolean answered;
    private long lookupNanos;
    private long lookedUpNanos;
    private long submittedNanos;
    private long queueNanos;
    private long runNanos;
    private long inferenceNanos;
    private long batchRows;

    RequestSpan(Tracer tracer, Span span, Identity identity, long epochNanos, long startedNanos) {
        this.tracer = tracer;
        this.span = span;
        this.epochNanos = epochNanos;
        this.startedNanos = startedNanos;
        span.setAttribute("tatara.model.name", identity.model());
        span.setAttribute("tatara.model.version", identity.version());
    }

    /** What logs call the trace. */
    public TraceContext context() {
        SpanContext context = span.getSpanContext();
        return new TraceContext(context.getTraceId(), context.getSpanId(), true);
    }

    /** The model answered; on whichever thread ran it, before the span ends. */
    public void answered(InferenceRequest request, InferenceAnswer answer) {
        answered = true;
        submittedNanos = request.submittedNanos();
        queueNanos = answer.queueNanos();
        runNanos = answer.runNanos();
        inferenceNanos = answer.inferenceNanos();
        batchRows = answer.batchRows();
        span.setAttribute("tatara.rows", request.rows());
        if (batchRows == 0) {
            span.setAttribute("tatara.cached", true);
        }
    }

    /** Features were looked up between these times, found or not. */
    public void looked(long from, long to) {
        lookupNanos = from;
        lookedUpNanos = to;
    }

    /**
     * Ends the span of a request over REST.
     *
     * @param status that it was answered with, 499 where the client was gone before
     * @param requestId or null
     */
    public void endRest(HttpServerRequest request, Protocol protocol, int status, String requestId) {
        String method = request.method().name();
        String known = isUsual(method) ? method : "_OTHER";
        String route = route(protocol, request.path());
        span.updateName((known.equals(method) ? method : "HTTP") + " " + route);
        span.setAttribute("http.request.method", known);
        span.setAttribute("http.route", route);
        span.setAttribute("url.path", request.path());
        span.setAttribute("url.scheme", "http");
        span.setAttribute("network.protocol.version", request.version() == HttpVersion.HTTP_2 ? "2" : "1.1");
        if (status == CLIENT_IS_GONE) {
            span.setAttribute(ERROR_TYPE, "499");
        } else {
            span.setAttribute("http.response.status_code", status);
            if (status >= FIRST_SERVER_ERROR) {
                failed(Integer.toString(status));
            }
        }
        end(request, requestId);
    }

    private static boolean isUsual(String method) {
        return switch (method) {
            case "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH" -> true;
            default -> false;
        };
    }

    /** The path with names in the place of what differs, so that spans can be grouped by it. */
    static String route(Protocol protocol, String path) {
        return switch (protocol) {
            case PREDICT -> path.startsWith("/predict/batch") ? "/predict/batch" : "/predict";
            case V1 -> "/v1/models/{model}:predict";
            case V2_REST, V2_GRPC ->
                path.contains("/versions/")
                        ? "/v2/models/{model}/versions/{version}/infer"
                        : "/v2/models/{model}/infer";
        };
    }

    /**
     * Ends the span of a gRPC call, or of one inference of a stream.
     *
     * @param status by its name, such as OK
     * @param requestId or null
     */
    public void endRpc(HttpServerRequest request, String status, String requestId) {
        String method = request.path().substring(1);
        span.updateName(method);
        span.setAttribute("rpc.system.name", "grpc");
        span.setAttribute("rpc.method", method);
        span.setAttribute("rpc.response.status_code", status);
        if (SERVER_ERRORS.contains(status)) {
            failed(status);
        } else if (!status.equals("OK")) {
            span.setAttribute(ERROR_TYPE, status);
        }
        end(request, requestId);
    }

    private void failed(String type) {
        span.setAttribute(ERROR_TYPE, type);
        span.setStatus(StatusCode.ERROR);
    }

    private void end(HttpServerRequest request, String requestId) {
        SocketAddress client = request.remoteAddress();
        if (client != null && client.hostAddress() != null) {
            span.setAttribute("client.address", client.hostAddress());
        }
        if (requestId != null) {
            span.setAttribute("tatara.request.id", requestId);
        }
        if (lookedUpNanos != 0) {
            child("features", lookupNanos).end(epoch(lookedUpNanos), TimeUnit.NANOSECONDS);
        }
        if (answered) {
            child("queue", submittedNanos).end(epoch(submittedNanos + queueNanos), TimeUnit.NANOSECONDS);
            if (batchRows > 0) {
                Span inference = child("inference", runNanos);
                inference.setAttribute("tatara.batch.rows", batchRows);
                inference.end(epoch(runNanos + inferenceNanos), TimeUnit.NANOSECONDS);
            }
        }
        span.end(epoch(System.nanoTime()), TimeUnit.NANOSECONDS);
    }

    private Span child(String name, long from) {
        return tracer.spanBuilder(name)
                .setParent(Context.root().with(span))
                .setStartTimestamp(epoch(from), TimeUnit.NANOSECONDS)
                .startSpan();
    }

    private long epoch(long nanos) {
        return epochNanos + (nanos - startedNanos);
    }
}
