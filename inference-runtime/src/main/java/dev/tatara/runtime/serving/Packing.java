package dev.tatara.runtime.serving;

import dev.tatara.runtime.inference.RequestException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/** How a body or a message may be packed; unpacks it within bounds. */
public enum Packing {
    NONE,
    GZIP,
    DEFLATE;

    private static final int CHUNK = 16 * 1024;
    private static final int FIRST_BYTES = 4096;
    private static final int DEFLATED = 8;

    /**
     * What a header names.
     *
     * @param name null for none
     * @return empty for what this server can't unpack
     */
    public static Optional<Packing> named(String name) {
        if (name == null) {
            return Optional.of(NONE);
        }
        return switch (name.strip().toLowerCase(Locale.ROOT)) {
            case "identity" -> Optional.of(NONE);
            case "gzip", "x-gzip" -> Optional.of(GZIP);
            case "deflate" -> Optional.of(DEFLATE);
            default -> Optional.empty();
        };
    }

    /**
     * What was packed. No more than allowed is ever held.
     *
     * @param prefix bytes before what is packed; the result has as many before what was, all 0
     * @param most bytes that it may have after the prefix
     * @param what it is, and {@code header} what says how it is packed: for the answer if it isn't so
     * @throws RequestException if it is larger than allowed or not packed as it says
     */
    @SuppressWarnings("deprecation") // Vert.x 4 has no other way to a buffer's bytes that doesn't copy them
    public Buffer unpack(Buffer packed, int prefix, long most, String what, String header) throws RequestException {
        ByteBuf bytes = packed.getByteBuf();
        bytes = bytes.slice(bytes.readerIndex() + prefix, bytes.readableBytes() - prefix);
        byte[] whole = new byte[(int) Math.min(prefix + most, Math.max(FIRST_BYTES, 4L * bytes.readableBytes()))];
        int size = prefix;
        try (InputStream in = open(bytes)) {
            for (int read = 0; read >= 0; read = in.read(whole, size, whole.length - size)) {
                size += read;
                if (size == whole.length) {
                    int next = in.read();
                    if (next < 0) {
                        break;
                    }
                    if (size - prefix >= most) {
                        throw tooLarge(what, most);
                    }
                    whole = Arrays.copyOf(whole, (int) Math.min(prefix + most, 2L * size));
                    whole[size++] = (byte) next;
                }
            }
        } catch (IOException e) {
            throw RequestException.bad("the " + what + " is not " + name().toLowerCase(Locale.ROOT) + ", as its "
                    + header + " says"
                    + (e instanceof ZipException && e.getMessage() != null ? ": " + e.getMessage() : ""));
        }
        return Buffer.buffer(Unpooled.wrappedBuffer(whole, 0, size));
    }

    /** What is answered to a body or a message that is too large, packed or not. */
    public static RequestException tooLarge(String what, long most) {
        return new RequestException(
                413, "the " + what + " is larger than " + most + " bytes (tatara.runtime.limits.max-body-bytes)");
    }

    private InputStream open(ByteBuf bytes) throws IOException {
        InputStream in = new ByteBufInputStream(bytes);
        return switch (this) {
            case NONE -> in;
            case GZIP -> new GZIPInputStream(in, CHUNK);
            case DEFLATE -> inflating(in, new Inflater(!isWrapped(bytes)));
        };
    }

    /** "deflate" is meant to be in zlib's wrapping, and some send it bare. */
    private static boolean isWrapped(ByteBuf bytes) {
        return bytes.readableBytes() >= 2
                && (bytes.getByte(bytes.readerIndex()) & 0x0f) == DEFLATED
                && bytes.getUnsignedShort(bytes.readerIndex()) % 31 == 0;
    }

    private static InputStream inflating(InputStream in, Inflater inflater) {
        return new InflaterInputStream(in, inflater, CHUNK) {
            @Override
            public void close() throws IOException {
                super.close();
                inflater.end();
            }
        };
    }
}
