package dev.tatara.runtime.http;

import dev.tatara.runtime.features.FoundFeatures;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.inference.TraceContext;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.metrics.ServingMetrics;
import dev.tatara.runtime.observation.AccessLog;
import dev.tatara.runtime.openapi.DocsFile;
import dev.tatara.runtime.routing.Copy;
import dev.tatara.runtime.routing.PeerAnswer;
import dev.tatara.runtime.routing.RoutingHeaders;
import dev.tatara.runtime.serving.Protocol;
import dev.tatara.runtime.serving.Reply;
import dev.tatara.runtime.serving.RequestIds;
import dev.tatara.runtime.serving.Responder;
import dev.tatara.runtime.tracing.RequestSpan;
import dev.tatara.runtime.tracing.Tracing;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** One request and its answer, on its event loop. */
final class Exchange implements Responder {
    private static final CharSequence INFERENCE_HEADER_LENGTH = AsciiString.cached("Inference-Header-Content-Length");
    private static final CharSequence RETRY_AFTER = HttpHeaders.createOptimized("Retry-After");
    private static final CharSequence ONE_SECOND = HttpHeaders.createOptimized("1");

    /** What Envoy, and so many a gateway, tells of how long it is going to wait. */
    static final CharSequence TIMEOUT_MILLIS = HttpHeaders.createOptimized("X-Envoy-Expected-Rq-Timeout-Ms");

    private static final int DIGITS_OF_MILLIS = 9;
    private static final int DIGITS_OF_SHORT_BODY = 5;
    private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("X-Request-Id");
    private static final int OK = 200;
    private static final int COPIED_BYTES = 32 * 1024;
    private static final long LINGER_MILLIS = 2_000;
    private static final byte[] NO_FEATURES = {};

    private final HttpServerRequest request;
    private final Loop loop;
    private final Serving serving;
    private final Protocol protocol;
    private final boolean isCopy;
    private final long started = System.nanoTime();
    private String requestId;
    private TraceContext trace;
    private final RequestSpan span;
    private Copy copy;
    private FoundFeatures features;
    private boolean answered;
    private boolean bodyRefused;

    /**
     * @param protocol what to count the request as, or null for what isn't counted
     */
    Exchange(HttpServerRequest request, Loop loop, Protocol protocol) {
        this.request = request;
        this.loop = loop;
        this.serving = loop.serving();
        this.protocol = protocol;
        isCopy = loop.isForPeers() && request.headers().contains(RoutingHeaders.SHADOW);
        Tracing tracing = serving.tracing();
        span = tracing == null || protocol == null || isCopy ? null : tracing.begin(request.headers(), started);
        trace = span == null ? null : span.context();
        serving.active().incrementAndGet();
        loop.heads().completed(request.connection());
    }

    private void ended() {
        serving.active().decrementAndGet();
        loop.heads().answered(request.connection());
    }

    HttpServerRequest request() {
        return request;
    }

    @Override
    public Protocol protocol() {
        return protocol;
    }

    @Override
    public long nanosSoFar() {
        return System.nanoTime() - started;
    }

    void json(int status, byte[] body) {
        answer(status, Reply.JSON, body);
    }

    @Override
    public CharSequence header(CharSequence name) {
        return request.headers().get(name);
    }

    @Override
    public void identified(String id, TraceContext context) {
        requestId = id;
        trace = context;
    }

    @Override
    public RequestSpan span() {
        return span;
    }

    @Override
    public boolean isCopy() {
        return isCopy;
    }

    /** Has the request copied to a shadow once it is answered well. */
    void setCopy(Copy shadowed) {
        copy = shadowed;
    }

    /** The request, which is a copy, came with these. */
    void bring(FoundFeatures known) {
        features = known;
    }

    @Override
    public FoundFeatures features() {
        if (features == null && (isCopy || copy != null)) {
            features = isCopy ? FoundFeatures.ofCopy() : FoundFeatures.ofOriginal();
        }
        return features;
    }

    @Override
    public void answer(Reply reply) {
        byte[] compared = copy == null
                ? null
                : Arrays.copyOf(reply.body().array(), reply.body().size());
        answerClient(reply);
        if (compared != null) {
            copy.answered(compared, reply.jsonLength(), features == null ? NO_FEATURES : features.toBytes());
        }
    }

    private void answerClient(Reply reply) {
        HttpServerResponse response = request.response();
        if (reply.jsonLength() >= 0) {
            response.putHeader(INFERENCE_HEADER_LENGTH, Integer.toString(reply.jsonLength()));
        }
        JsonBytes body = reply.body();
        int size = body.size();
        if (loop.compresses(size)) {
            CharSequence encoding = Deflation.choose(request.getHeader(HttpHeaders.ACCEPT_ENCODING));
            response.putHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
            if (encoding != null) {
                response.putHeader(HttpHeaders.CONTENT_ENCODING, encoding);
                send(200, reply.contentType(), loop.deflation().compress(encoding, body.array(), size));
                return;
            }
        }
        send(200, reply.contentType(), buffer(body, size));
    }

    /** A small answer is copied and the array kept; of a large one the array itself is sent. */
    @SuppressWarnings("deprecation") // Vert.x 4 has no other way to a buffer of bytes that are there already
    private static Buffer buffer(JsonBytes body, int size) {
        return size <= COPIED_BYTES
                ? Buffer.buffer(size).appendBytes(body.array(), 0, size)
                : Buffer.buffer(Unpooled.wrappedBuffer(body.take(), 0, size));
    }

    @Override
    public void fail(RequestException failure) {
        if (failure.retryAfterSeconds() > 1) {
            request.response().putHeader(RETRY_AFTER, Integer.toString(failure.retryAfterSeconds()));
        } else if (failure.retryAfterSeconds() == 1) {
            request.response().putHeader(RETRY_AFTER, ONE_SECOND);
        }
        fail(failure.status(), failure.getMessage());
    }

    void fail(int status, String message) {
        byte[] body =
                new JsonBytes().raw("{\"error\":").string(message).raw('}').toByteArray();
        if (status == 503 && !request.response().headers().contains(RETRY_AFTER)) {
            request.response().putHeader(RETRY_AFTER, ONE_SECOND);
        }
        json(status, body);
    }

    /** Answers a file, packed if the client takes it so. */
    void file(DocsFile file) {
        CharSequence encoding = Deflation.choose(request.getHeader(HttpHeaders.ACCEPT_ENCODING));
        request.response().putHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
        if (Deflation.isGzip(encoding)) {
            request.response().putHeader(HttpHeaders.CONTENT_ENCODING, encoding);
            answer(200, file.type(), file.packed());
        } else {
            answer(200, file.type(), file.bytes());
        }
    }

    /** Refuses the method. */
    void notAllowed(String allowed) {
        request.response().putHeader(HttpHeaders.ALLOW, allowed);
        fail(405, request.method() + " is not allowed here: use " + allowed);
    }

    void answer(int status, CharSequence type, byte[] body) {
        send(status, type, Buffer.buffer(body));
    }

    private void send(int status, CharSequence type, Buffer body) {
        if (answered) {
            return;
        }
        answered = true;
        count(status);
        log(status, body.length());
        HttpServerResponse response = request.response();
        if (response.closed()) {
            ended();
            return;
        }
        boolean close = (serving.isDraining() || bodyRefused) && request.version() != HttpVersion.HTTP_2;
        if (close) {
            response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        response.setStatusCode(status);
        response.putHeader(HttpHeaders.CONTENT_TYPE, type);
        if (loop.namesRevision()) {
            nameRevision(response);
        }
        if (RequestIds.given(requestId) != null) {
            response.putHeader(REQUEST_ID, requestId);
        }
        end(body, close);
    }

    private void nameRevision(HttpServerResponse response) {
        String revision = serving.routing().revision();
        if (protocol == null) {
            RoutingHeaders.tellRoute(request.headers(), response.headers(), revision);
        } else {
            response.putHeader(RoutingHeaders.REVISION, revision);
        }
    }

    private void end(Buffer body, boolean close) {
        request.response().end(body).onComplete(written -> {
            ended();
            if (close) {
                closeConnection();
            }
        });
    }

    /** Sends what another pod answered, which counts and logs it. */
    void relay(PeerAnswer answer) {
        if (answered) {
            return;
        }
        answered = true;
        HttpServerResponse response = request.response();
        if (response.closed()) {
            ended();
            return;
        }
        RoutingHeaders.copyAnswer(answer.headers(), response.headers());
        response.setStatusCode(answer.status());
        boolean close = serving.isDraining() && request.version() != HttpVersion.HTTP_2;
        if (close) {
            response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        end(answer.body(), close);
        if (copy != null && answer.status() == OK) {
            copy(answer);
        }
    }

    private void copy(PeerAnswer answer) {
        if (answer.headers().contains(HttpHeaders.CONTENT_ENCODING) || serving.looksUp()) {
            // What the other pod found isn't known here.
            copy.dropped();
            return;
        }
        String jsonLength = answer.headers().get(INFERENCE_HEADER_LENGTH);
        copy.answered(answer.body().getBytes(), jsonLength == null ? -1 : Integer.parseInt(jsonLength), NO_FEATURES);
    }

    /** The client is gone, and another pod, which has its request, was told so. */
    void leftToAnother() {
        if (!answered) {
            answered = true;
            ended();
        }
    }

    @Override
    public void refuseBody(RequestException why) {
        bodyRefused = true;
        request.handler(null);
        fail(why);
    }

    /**
     * Answers before the body was read. A client that sends too often isn't made to connect anew each time, unless what
     * it sends is long.
     */
    void turnAway(RequestException why) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length != null && length.length() <= DIGITS_OF_SHORT_BODY) {
            fail(why);
        } else {
            refuseBody(why);
        }
    }

    @Override
    public long timeoutNanos() {
        String millis = request.getHeader(TIMEOUT_MILLIS);
        if (millis == null
                || millis.isEmpty()
                || millis.length() > DIGITS_OF_MILLIS
                || !millis.chars().allMatch(digit -> digit >= '0' && digit <= '9')) {
            return 0;
        }
        return TimeUnit.MILLISECONDS.toNanos(Long.parseLong(millis));
    }

    private void closeConnection() {
        if (!bodyRefused || request.isEnded()) {
            request.connection().close();
            return;
        }
        // Closing on a client that still sends would reset the connection and take the answer with it.
        Vertx vertx = Vertx.currentContext().owner();
        long timer = vertx.setTimer(LINGER_MILLIS, late -> request.connection().close());
        request.exceptionHandler(gone -> vertx.cancelTimer(timer));
        request.endHandler(end -> {
            vertx.cancelTimer(timer);
            request.connection().close();
        });
    }

    @Override
    public void onGone(Runnable action) {
        request.response().closeHandler(gone -> action.run());
    }

    @Override
    public void abandoned() {
        if (!answered) {
            answered = true;
            count(499);
            log(499, 0);
            ended();
        }
    }

    @Override
    public boolean isAnswered() {
        return answered;
    }

    private void log(int status, int bytes) {
        AccessLog log = serving.accessLog();
        if (log != null && !isCopy) {
            log.answered(request, status, bytes, nanosSoFar(), requestId, trace, protocol);
        }
        if (span != null) {
            span.endRest(request, protocol, status, requestId);
        }
    }

    private void count(int status) {
        Serving.Loaded loaded = serving.loaded();
        if (protocol != null && loaded != null && !isCopy) {
            ServingMetrics metrics = loaded.metrics();
            metrics.answered(protocol, status, nanosSoFar());
        }
    }
}
