package dev.tatara.runtime.http;

import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.serving.BodyReceiver;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;

/** Collects a request's body within bounds. A body that came in one piece is handed on as it is. */
final class BodyReader {
    private final HttpServerRequest request;
    private final Serving serving;
    private final long maxBytes;
    private final long maxBufferedBytes;
    private final BodyReceiver receiver;
    private Buffer first;
    private Buffer joined;
    private long counted;
    private boolean done;

    private BodyReader(
            HttpServerRequest request, Serving serving, long maxBytes, long maxBufferedBytes, BodyReceiver receiver) {
        this.request = request;
        this.serving = serving;
        this.maxBytes = maxBytes;
        this.maxBufferedBytes = maxBufferedBytes;
        this.receiver = receiver;
    }

    static void read(
            HttpServerRequest request, Serving serving, long maxBytes, long maxBufferedBytes, BodyReceiver receiver) {
        RequestException refusal = refusal(request, maxBytes);
        if (refusal != null) {
            receiver.refused(refusal);
            return;
        }
        BodyReader reader = new BodyReader(request, serving, maxBytes, maxBufferedBytes, receiver);
        request.handler(reader::piece);
        request.endHandler(end -> reader.end());
        request.exceptionHandler(failure -> reader.cutOff());
    }

    private static RequestException refusal(HttpServerRequest request, long maxBytes) {
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        if (type != null && !isJson(type)) {
            return new RequestException(
                    415,
                    "unsupported Content-Type \"" + shown(type)
                            + "\": send the header \"Content-Type: application/json\"");
        }
        String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            return new RequestException(
                    415, "unsupported Content-Encoding \"" + shown(encoding) + "\": send the body as it is");
        }
        if (request.getHeader("Inference-Header-Content-Length") != null) {
            return new RequestException(
                    415,
                    "the binary tensor data extension is not supported yet: send tensors as JSON (binary_data=False)");
        }
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length != null && length.length() < 19 && Long.parseLong(length) > maxBytes) {
            return tooLarge(maxBytes);
        }
        return null;
    }

    private static boolean isJson(String type) {
        int end = type.indexOf(';');
        String media = (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        return media.equals("application/json")
                || media.isEmpty()
                || media.endsWith("+json")
                // Triton's own clients say so of plain JSON too.
                || media.equals("application/octet-stream");
    }

    private static String shown(String header) {
        return header.length() <= 100 ? header : header.substring(0, 100) + "…";
    }

    private static RequestException tooLarge(long maxBytes) {
        return new RequestException(
                413, "the body is larger than " + maxBytes + " bytes (tatara.runtime.limits.max-body-bytes)");
    }

    private void piece(Buffer piece) {
        if (done) {
            return;
        }
        if (first == null) {
            first = piece;
            if (piece.length() > maxBytes) {
                refuse(tooLarge(maxBytes));
            }
            return;
        }
        if (joined == null) {
            joined = Buffer.buffer(first.length() + piece.length()).appendBuffer(first);
            count(first.length());
        }
        if (joined.length() + (long) piece.length() > maxBytes) {
            refuse(tooLarge(maxBytes));
        } else if (count(piece.length()) > maxBufferedBytes) {
            refuse(new RequestException(503, "too many large requests at once: try again later"));
        } else {
            joined.appendBuffer(piece);
        }
    }

    private long count(int bytes) {
        counted += bytes;
        return serving.bufferedBytes().addAndGet(bytes);
    }

    private void refuse(RequestException why) {
        close();
        receiver.refused(why);
    }

    private void end() {
        if (!done) {
            Buffer whole = joined != null ? joined : first != null ? first : Buffer.buffer();
            close();
            receiver.body(whole);
        }
    }

    private void cutOff() {
        if (!done) {
            close();
            receiver.cutOff();
        }
    }

    private void close() {
        done = true;
        first = null;
        joined = null;
        serving.bufferedBytes().addAndGet(-counted);
        request.exceptionHandler(null);
    }
}
