package dev.tatara.runtime.http;

import dev.tatara.runtime.inference.RequestException;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/** Compressed bodies, unpacked within bounds. */
final class Inflation {
    private static final int CHUNK = 16 * 1024;
    private static final int DEFLATED = 8;

    private Inflation() {}

    /** Whether a Content-Encoding is one that {@link #inflate} knows. */
    static boolean knows(String encoding) {
        return switch (encoding.strip().toLowerCase(Locale.ROOT)) {
            case "gzip", "x-gzip", "deflate" -> true;
            default -> false;
        };
    }

    /**
     * The body itself.
     *
     * @throws RequestException if it is larger than allowed or not compressed as it says
     */
    static Buffer inflate(Buffer compressed, String encoding, long maxBytes) throws RequestException {
        byte[] bytes = compressed.getBytes();
        Buffer whole = Buffer.buffer(Math.max(CHUNK, (int) Math.min(bytes.length * 4L, maxBytes)));
        byte[] chunk = new byte[CHUNK];
        try (InputStream in = open(bytes, encoding)) {
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                if (whole.length() + (long) read > maxBytes) {
                    throw BodyReader.tooLarge(maxBytes);
                }
                whole.appendBytes(chunk, 0, read);
            }
        } catch (IOException e) {
            throw RequestException.bad("the body is not " + encoding.strip() + ", as its Content-Encoding says"
                    + (e instanceof ZipException && e.getMessage() != null ? ": " + e.getMessage() : ""));
        }
        return whole;
    }

    private static InputStream open(byte[] bytes, String encoding) throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(bytes);
        if (!encoding.strip().equalsIgnoreCase("deflate")) {
            return new GZIPInputStream(in, CHUNK);
        }
        // "deflate" is meant to be in zlib's wrapping, and some send it bare.
        boolean wrapped = bytes.length >= 2
                && (bytes[0] & 0x0f) == DEFLATED
                && (((bytes[0] & 0xff) << 8) | (bytes[1] & 0xff)) % 31 == 0;
        Inflater inflater = new Inflater(!wrapped);
        return new InflaterInputStream(in, inflater, CHUNK) {
            @Override
            public void close() throws IOException {
                super.close();
                inflater.end();
            }
        };
    }
}
