package dev.tatara.runtime.grpc;

import dev.tatara.runtime.features.FoundFeatures;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.inference.TraceContext;
import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.observation.AccessLog;
import dev.tatara.runtime.routing.Copy;
import dev.tatara.runtime.routing.PeerAnswer;
import dev.tatara.runtime.routing.RoutingHeaders;
import dev.tatara.runtime.serving.Protocol;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** One gRPC call: its HTTP/2 stream, with messages framed and the status in the trailers. Used on its event loop. */
final class Call {
    /** Bytes before each message: whether it is compressed, and its length. */
    static final int PREFIX = 5;

    private static final CharSequence GRPC = HttpHeaders.createOptimized("application/grpc");
    private static final CharSequence STATUS = AsciiString.cached("grpc-status");
    private static final CharSequence MESSAGE = AsciiString.cached("grpc-message");
    private static final CharSequence ACCEPT_ENCODING = AsciiString.cached("grpc-accept-encoding");
    /** Clients with a retry policy wait so many milliseconds. */
    private static final CharSequence RETRY_AFTER = AsciiString.cached("grpc-retry-pushback-ms");

    static final CharSequence TIMEOUT = AsciiString.cached("grpc-timeout");
    private static final CharSequence OK = AsciiString.cached(GrpcStatus.OK.code());

    /** Clients bound what they read of headers; 8 KiB in all is usual. */
    private static final int LONGEST_MESSAGE = 3_000;

    private static final int MOST_TIMEOUT_DIGITS = 8;
    private static final byte[] NO_FEATURES = {};
    private static final String HEX = "0123456789ABCDEF";

    private final HttpServerRequest request;
    private final Serving serving;
    private final boolean fromPeer;
    private final long started = System.nanoTime();
    private Copy copy;
    private FoundFeatures features;
    private boolean ended;

    /**
     * @param fromPeer whether another pod forwarded it, which let it in
     */
    Call(HttpServerRequest request, Serving serving, boolean fromPeer) {
        this.request = request;
        this.serving = serving;
        this.fromPeer = fromPeer;
    }

    /** Whether it is the copy of another one, and so to be counted and kept nowhere. */
    boolean isCopy() {
        return fromPeer && request.headers().contains(RoutingHeaders.SHADOW);
    }

    /** Has the call copied to a shadow once it is answered well. */
    void setCopy(Copy shadowed) {
        copy = shadowed;
    }

    /** Whether a message comes before the call's own, with what is known of its features. */
    boolean awaitsFeatures() {
        return features == null && isCopy() && RoutingHeaders.featureBytes(request.headers()) > 0;
    }

    /** That message came, with its prefix. */
    void bring(Buffer framed) throws RequestException {
        features = FoundFeatures.ofCopy(framed.getBytes(PREFIX, framed.length()));
    }

    /** What is known of the call's features, and where to note what is found; null where nobody wants to know. */
    FoundFeatures features() {
        if (features == null) {
            features = isCopy() ? FoundFeatures.ofCopy() : copy == null ? null : FoundFeatures.ofOriginal();
        }
        return features;
    }

    /** Its message came, with its prefix. */
    void brought(Buffer framed) {
        if (copy != null) {
            copy.body(framed);
        }
    }

    HttpServerRequest request() {
        return request;
    }

    Serving serving() {
        return serving;
    }

    /** When its first byte came, on the scale of {@link System#nanoTime()}. */
    long startedNanos() {
        return started;
    }

    long nanosSoFar() {
        return System.nanoTime() - started;
    }

    boolean isEnded() {
        return ended;
    }

    /**
     * Takes one inference in.
     *
     * @return null if it is let in, else what to answer
     */
    RequestException admission() {
        return fromPeer ? null : serving.admission().refusal(request.headers(), request.remoteAddress());
    }

    /**
     * When the client stops waiting.
     *
     * @return on the scale of {@link System#nanoTime()}, or 0 if it says nothing
     */
    long deadlineNanos() throws RequestException {
        String timeout = request.headers().get(TIMEOUT);
        if (timeout == null) {
            return 0;
        }
        int digits = timeout.length() - 1;
        long value = 0;
        for (int i = 0; i < digits; i++) {
            char c = timeout.charAt(i);
            if (c < '0' || c > '9' || digits > MOST_TIMEOUT_DIGITS) {
                throw badTimeout(timeout);
            }
            value = value * 10 + (c - '0');
        }
        if (digits < 1) {
            throw badTimeout(timeout);
        }
        long nanos =
                switch (timeout.charAt(digits)) {
                    case 'H' -> TimeUnit.HOURS.toNanos(value);
                    case 'M' -> TimeUnit.MINUTES.toNanos(value);
                    case 'S' -> TimeUnit.SECONDS.toNanos(value);
                    case 'm' -> TimeUnit.MILLISECONDS.toNanos(value);
                    case 'u' -> TimeUnit.MICROSECONDS.toNanos(value);
                    case 'n' -> value;
                    default -> throw badTimeout(timeout);
                };
        // Half the range of nanoTime is far enough away and can be compared.
        return started + Math.min(nanos, Long.MAX_VALUE / 2);
    }

    private static RequestException badTimeout(String timeout) {
        return RequestException.bad("grpc-timeout must be up to 8 digits and one of H, M, S, m, u, n, got \""
                + (timeout.length() <= 20 ? timeout : timeout.substring(0, 20) + "…") + "\"");
    }

    /** Puts the prefix before a message that begins at {@link #PREFIX}. */
    static byte[] frame(byte[] framed) {
        int length = framed.length - PREFIX;
        framed[0] = 0;
        framed[1] = (byte) (length >>> 24);
        framed[2] = (byte) (length >>> 16);
        framed[3] = (byte) (length >>> 8);
        framed[4] = (byte) length;
        return framed;
    }

    /** A message with its prefix. */
    static byte[] framed(byte[] message) {
        byte[] framed = new byte[PREFIX + message.length];
        System.arraycopy(message, 0, framed, PREFIX, message.length);
        return frame(framed);
    }

    /** Says what the answer is, and of which revision where there are several. */
    private void head(HttpServerResponse response) {
        response.putHeader(HttpHeaders.CONTENT_TYPE, GRPC);
        if (fromPeer || serving.routing().active() != null) {
            String revision = serving.routing().revision();
            response.putHeader(RoutingHeaders.REVISION, revision);
            RoutingHeaders.tellRoute(request.headers(), response.headers(), revision);
        }
    }

    /** Sends what another pod answered. */
    void relay(PeerAnswer answer, Runnable written) {
        HttpServerResponse response = start();
        if (response == null) {
            written.run();
            return;
        }
        RoutingHeaders.copyAnswer(answer.headers(), response.headers());
        RoutingHeaders.copyAnswer(answer.trailers(), response.trailers());
        (answer.body().length() == 0 ? response.end() : response.end(answer.body())).onComplete(done -> written.run());
        if (copy != null && GrpcStatus.OK.code().equals(answer.trailers().get(STATUS))) {
            if (serving.looksUp()) {
                // What the other pod found isn't known here.
                copy.dropped();
            } else {
                copy.answered(answer.body().getBytes(), -1, NO_FEATURES);
            }
        }
    }

    /** Begins what another pod answers bit by bit. */
    void begin(MultiMap headers) {
        HttpServerResponse response = request.response();
        if (!ended && !response.closed()) {
            RoutingHeaders.copyAnswer(headers, response.headers());
            response.setChunked(true);
        }
    }

    /** Ends what another pod answered bit by bit. */
    void end(MultiMap trailers, Runnable written) {
        HttpServerResponse response = start();
        if (response == null) {
            written.run();
            return;
        }
        RoutingHeaders.copyAnswer(trailers, response.trailers());
        response.end().onComplete(done -> written.run());
    }

    /** Sends one of several messages. */
    void send(byte[] framed) {
        if (!ended && !request.response().closed()) {
            HttpServerResponse response = request.response();
            if (!response.headWritten()) {
                head(response);
            }
            response.write(buffer(framed));
        }
    }

    /** Sends the only message and the status OK. */
    void answer(byte[] framed, Runnable written) {
        HttpServerResponse response = start();
        if (response == null) {
            written.run();
            return;
        }
        head(response);
        response.putTrailer(STATUS, OK);
        response.end(buffer(framed)).onComplete(done -> written.run());
        if (copy != null) {
            copy.answered(framed, -1, features == null ? NO_FEATURES : features.toBytes());
        }
    }

    /** Ends a stream of messages well. */
    void end() {
        HttpServerResponse response = start();
        if (response != null) {
            if (!response.headWritten()) {
                head(response);
            }
            response.putTrailer(STATUS, OK);
            response.end();
        }
    }

    void fail(RequestException why) {
        fail(why, () -> {});
    }

    void fail(RequestException why, Runnable written) {
        fail(GrpcStatus.of(why), why.getMessage(), why.retryAfterSeconds(), written);
    }

    void fail(GrpcStatus status, String why) {
        fail(status, why, 0, () -> {});
    }

    void fail(GrpcStatus status, String why, Runnable written) {
        fail(status, why, 0, written);
    }

    private void fail(GrpcStatus status, String why, int retryAfterSeconds, Runnable written) {
        HttpServerResponse response = start();
        if (response == null) {
            written.run();
            return;
        }
        String message = encoded(why);
        if (response.headWritten()) {
            response.putTrailer(STATUS, status.code());
            response.putTrailer(MESSAGE, message);
        } else {
            // Trailers only: the first and last headers of the stream.
            head(response);
            response.putHeader(STATUS, status.code());
            response.putHeader(MESSAGE, message);
            response.putHeader(ACCEPT_ENCODING, Messages.ACCEPTED);
            if (retryAfterSeconds > 0) {
                response.putHeader(RETRY_AFTER, Long.toString(TimeUnit.SECONDS.toMillis(retryAfterSeconds)));
            }
        }
        response.end().onComplete(done -> {
            written.run();
            if (!request.isEnded()) {
                // The client needn't send the rest.
                response.reset(0);
            }
        });
    }

    /**
     * Writes a line to the access log, if there is one and it takes this.
     *
     * @param status as of HTTP
     */
    void log(Protocol protocol, int status, int bytes, String requestId, TraceContext trace) {
        AccessLog log = serving.accessLog();
        if (log != null) {
            log.answered(request, status, bytes, nanosSoFar(), requestId, trace, protocol);
        }
    }

    private HttpServerResponse start() {
        if (ended) {
            return null;
        }
        ended = true;
        return request.response().closed() ? null : request.response();
    }

    @SuppressWarnings("deprecation") // Vert.x 4 has no other buffer over an array that doesn't copy it
    private static Buffer buffer(byte[] framed) {
        return Buffer.buffer(Unpooled.wrappedBuffer(framed));
    }

    /** Percent-encoded UTF-8, as the trailer has it, cut where clients would refuse it. */
    static String encoded(String message) {
        StringBuilder text = new StringBuilder(message.length());
        for (byte b : message.substring(0, Math.min(message.length(), LONGEST_MESSAGE))
                .getBytes(StandardCharsets.UTF_8)) {
            if (text.length() >= LONGEST_MESSAGE) {
                return text.append("...").toString();
            }
            if (b >= ' ' && b <= '~' && b != '%') {
                text.append((char) b);
            } else {
                text.append('%').append(HEX.charAt((b >> 4) & 15)).append(HEX.charAt(b & 15));
            }
        }
        return text.toString();
    }
}
