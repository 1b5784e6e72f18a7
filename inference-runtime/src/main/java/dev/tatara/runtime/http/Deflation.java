package dev.tatara.runtime.http;

import io.netty.util.AsciiString;
import io.vertx.core.buffer.Buffer;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Compresses answers for clients that take them so. One per event loop. */
final class Deflation {
    private static final CharSequence GZIP = AsciiString.cached("gzip");
    private static final CharSequence DEFLATE = AsciiString.cached("deflate");
    private static final byte[] GZIP_HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 4, (byte) 0xff};
    private static final int CHUNK = 16 * 1024;

    private final Deflater bare = new Deflater(Deflater.BEST_SPEED, true);
    private final Deflater wrapped = new Deflater(Deflater.BEST_SPEED, false);
    private final byte[] chunk = new byte[CHUNK];

    /**
     * What a client takes.
     *
     * @param accepted its Accept-Encoding, or null
     * @return the Content-Encoding to use, or null for none
     */
    static CharSequence choose(String accepted) {
        if (accepted == null) {
            return null;
        }
        boolean deflate = false;
        for (String part : accepted.toLowerCase(Locale.ROOT).split(",", 20)) {
            int semicolon = part.indexOf(';');
            String name = (semicolon < 0 ? part : part.substring(0, semicolon)).strip();
            boolean refused =
                    semicolon >= 0 && part.substring(semicolon + 1).strip().matches("q=0(\\.0*)?");
            if (!refused && (name.equals("gzip") || name.equals("*"))) {
                return GZIP;
            }
            deflate |= !refused && name.equals("deflate");
        }
        return deflate ? DEFLATE : null;
    }

    static boolean isGzip(CharSequence encoding) {
        return encoding == GZIP;
    }

    /** Compresses the first {@code length} bytes. */
    Buffer compress(CharSequence encoding, byte[] bytes, int length) {
        Buffer out = Buffer.buffer(length / 3 + 64);
        if (encoding == DEFLATE) {
            deflate(wrapped, bytes, length, out);
            return out;
        }
        out.appendBytes(GZIP_HEADER);
        deflate(bare, bytes, length, out);
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return out.appendIntLE((int) crc.getValue()).appendIntLE(length);
    }

    private void deflate(Deflater deflater, byte[] bytes, int length, Buffer out) {
        deflater.reset();
        deflater.setInput(bytes, 0, length);
        deflater.finish();
        while (!deflater.finished()) {
            out.appendBytes(chunk, 0, deflater.deflate(chunk));
        }
    }

    /** Frees native memory. */
    void close() {
        bare.end();
        wrapped.end();
    }
}
