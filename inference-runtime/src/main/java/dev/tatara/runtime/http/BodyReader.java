package dev.tatara.runtime.http;

import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.serving.BodyReceiver;
import dev.tatara.runtime.serving.Deadlines;
import dev.tatara.runtime.serving.Packing;
import dev.tatara.runtime.settings.BodyBounds;
import dev.tatara.runtime.settings.RuntimeSettings;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Locale;

/**
 * Collects a request's body within bounds of size and time. A body that came in one piece is handed on as it is, a
 * compressed one is unpacked.
 */
final class BodyReader extends Deadlines.Entry {
    private static final int TRUSTED_BYTES = 1 << 20;
    private static final String WHAT = "body";
    private static final int LONGEST_SHOWN = 100;

    private final HttpServerRequest request;
    private final Bounds bounds;
    private final BodyReceiver receiver;
    private final Packing packing;
    private Buffer first;
    private Buffer joined;
    private long counted;
    private boolean done;

    /**
     * What bodies on one event loop must keep to.
     *
     * @param maxBytes the largest body, compressed or not
     * @param maxBufferedBytes what unfinished bodies of all event loops may hold together
     */
    record Bounds(Serving serving, long maxBytes, long maxBufferedBytes, Duration timeout, Deadlines deadlines) {
        static Bounds of(Serving serving, RuntimeSettings settings) {
            BodyBounds bodies = BodyBounds.of(settings);
            return new Bounds(
                    serving,
                    bodies.mostBytes(),
                    bodies.mostBufferedBytes(),
                    settings.http().bodyTimeout(),
                    new Deadlines(settings.http().bodyTimeout()));
        }
    }

    private BodyReader(HttpServerRequest request, Bounds bounds, BodyReceiver receiver, Packing packing) {
        this.request = request;
        this.bounds = bounds;
        this.receiver = receiver;
        this.packing = packing;
    }

    static void read(HttpServerRequest request, Bounds bounds, BodyReceiver receiver) {
        MultiMap headers = request.headers();
        String encoding = headers.get(HttpHeaders.CONTENT_ENCODING);
        Packing packing = Packing.named(encoding).orElse(null);
        RequestException refusal = refusal(headers, packing, encoding, bounds.maxBytes);
        if (refusal != null) {
            receiver.refused(refusal);
            return;
        }
        BodyReader reader = new BodyReader(request, bounds, receiver, packing);
        bounds.deadlines.add(reader);
        request.handler(reader::piece);
        request.endHandler(reader::end);
        request.exceptionHandler(reader::cutOff);
    }

    private static RequestException refusal(MultiMap headers, Packing packing, String encoding, long maxBytes) {
        String type = headers.get(HttpHeaders.CONTENT_TYPE);
        if (type != null && !isJson(type)) {
            return new RequestException(
                    415,
                    "unsupported Content-Type \"" + shown(type)
                            + "\": send the header \"Content-Type: application/json\"");
        }
        if (packing == null) {
            return new RequestException(
                    415,
                    "unsupported Content-Encoding \"" + shown(encoding)
                            + "\": send gzip, deflate or the body as it is");
        }
        String length = headers.get(HttpHeaders.CONTENT_LENGTH);
        if (length != null && length.length() < 19 && Long.parseLong(length) > maxBytes) {
            return Packing.tooLarge(WHAT, maxBytes);
        }
        return null;
    }

    private static boolean isJson(String type) {
        int end = type.indexOf(';');
        if (end < 0 && type.equals("application/json")) {
            return true;
        }
        String media = (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        return media.equals("application/json")
                || media.isEmpty()
                || media.endsWith("+json")
                // Triton's own clients say so of plain JSON too.
                || media.equals("application/octet-stream");
    }

    private static String shown(String header) {
        return header.length() <= LONGEST_SHOWN ? header : header.substring(0, LONGEST_SHOWN) + "…";
    }

    private void piece(Buffer piece) {
        if (done) {
            return;
        }
        if (first == null) {
            first = piece;
            if (piece.length() > bounds.maxBytes) {
                refuse(Packing.tooLarge(WHAT, bounds.maxBytes));
            }
            return;
        }
        if (joined == null) {
            joined = Buffer.buffer(expected(first.length() + piece.length())).appendBuffer(first);
            count(first.length());
        }
        if (joined.length() + (long) piece.length() > bounds.maxBytes) {
            refuse(Packing.tooLarge(WHAT, bounds.maxBytes));
        } else if (count(piece.length()) > bounds.maxBufferedBytes) {
            refuse(new RequestException(503, "too many large requests at once: try again later"));
        } else {
            joined.appendBuffer(piece);
        }
    }

    /** What the client announced, as far as that may be believed before it came. */
    private int expected(int received) {
        String length = request.headers().get(HttpHeaders.CONTENT_LENGTH);
        long announced = length == null || length.length() >= 19 ? 0 : Long.parseLong(length);
        return (int) Math.max(received, Math.min(announced, Math.max(TRUSTED_BYTES, 4L * received)));
    }

    private long count(int bytes) {
        counted += bytes;
        return bounds.serving.bufferedBytes().addAndGet(bytes);
    }

    private void refuse(RequestException why) {
        close();
        receiver.refused(why);
    }

    private void end(Void end) {
        if (done) {
            return;
        }
        Buffer whole = joined != null ? joined : first != null ? first : Buffer.buffer();
        close();
        if (packing != Packing.NONE) {
            try {
                whole = packing.unpack(whole, 0, bounds.maxBytes, WHAT, "Content-Encoding");
            } catch (RequestException e) {
                receiver.refused(e);
                return;
            }
        }
        receiver.body(whole);
    }

    private void cutOff(Throwable failure) {
        if (!done) {
            close();
            receiver.cutOff();
        }
    }

    @Override
    protected void expired() {
        refuse(new RequestException(
                408,
                "the body did not arrive within " + bounds.timeout.toMillis()
                        + " ms (tatara.runtime.http.body-timeout)"));
    }

    private void close() {
        done = true;
        first = null;
        joined = null;
        bounds.deadlines.remove(this);
        if (counted > 0) {
            bounds.serving.bufferedBytes().addAndGet(-counted);
        }
        request.exceptionHandler(null);
    }
}
