package dev.tatara.runtime.grpc;

import dev.tatara.runtime.inference.RequestException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/** How a call's messages may be compressed, as {@code grpc-encoding} names it. */
enum Encoding {
    IDENTITY,
    GZIP,
    DEFLATE;

    /** What this server reads, for {@code grpc-accept-encoding}. */
    static final String ACCEPTED = "identity,deflate,gzip";

    private static final int FIRST_BYTES = 4096;

    /**
     * Finds the encoding.
     *
     * @param name null for none
     */
    static Encoding named(String name) throws RequestException {
        return switch (name) {
            case null -> IDENTITY;
            case "identity" -> IDENTITY;
            case "gzip" -> GZIP;
            case "deflate" -> DEFLATE;
            default ->
                throw new RequestException(
                        415,
                        "unknown grpc-encoding \"" + (name.length() <= 40 ? name : name.substring(0, 40) + "…")
                                + "\": this server reads " + ACCEPTED);
        };
    }

    /**
     * Inflates a message.
     *
     * @param most bytes that it may have: no more are inflated
     * @return a message with a prefix, as if it had come without compression
     */
    byte[] inflate(byte[] compressed, int offset, int length, long most) throws RequestException {
        byte[] framed = new byte[(int) Math.min(Call.PREFIX + most, Math.max(FIRST_BYTES, 4L * length))];
        int size = Call.PREFIX;
        try (InputStream in = open(new ByteArrayInputStream(compressed, offset, length))) {
            for (int read = in.read(framed, size, framed.length - size);
                    read >= 0;
                    read = in.read(framed, size, framed.length - size)) {
                size += read;
                if (size == framed.length) {
                    int next = in.read();
                    if (next < 0) {
                        break;
                    }
                    if (size - Call.PREFIX >= most) {
                        throw Messages.tooLarge(most);
                    }
                    framed = Arrays.copyOf(framed, (int) Math.min(Call.PREFIX + most, 2L * size));
                    framed[size++] = (byte) next;
                }
            }
        } catch (IOException e) {
            throw RequestException.bad("a message is not compressed with " + name().toLowerCase(java.util.Locale.ROOT)
                    + " as grpc-encoding says");
        }
        return Call.frame(Arrays.copyOf(framed, size));
    }

    private InputStream open(InputStream compressed) throws IOException {
        return switch (this) {
            case GZIP -> new GZIPInputStream(compressed);
            case DEFLATE -> new InflaterInputStream(compressed);
            case IDENTITY -> compressed;
        };
    }
}
