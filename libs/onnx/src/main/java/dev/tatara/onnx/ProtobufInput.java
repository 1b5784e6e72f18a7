package dev.tatara.onnx;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Reads protobuf's wire format from a stream, holding nothing but the current field. */
final class ProtobufInput {
    static final int VARINT = 0;
    static final int FIXED_64 = 1;
    static final int LENGTH_DELIMITED = 2;
    static final int FIXED_32 = 5;

    private final InputStream in;
    private long position;

    ProtobufInput(InputStream in) {
        this.in = in;
    }

    /** The stream ended inside a field. */
    static final class EndReached extends IOException {
        private static final long serialVersionUID = 1;

        EndReached(long position) {
            super("it ends inside a field, at byte " + position);
        }
    }

    /** Not the wire format, or not what the message's definition says. */
    static final class Malformed extends IOException {
        private static final long serialVersionUID = 1;

        Malformed(String message) {
            super(message);
        }
    }

    long position() {
        return position;
    }

    boolean atEnd() throws IOException {
        in.mark(1);
        if (in.read() < 0) {
            return true;
        }
        in.reset();
        return false;
    }

    ProtobufInput expect(int wire, int expected) throws Malformed {
        if (wire != expected) {
            throw new Malformed("wire type " + wire + " instead of " + expected + " at byte " + position);
        }
        return this;
    }

    long varint() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int b = in.read();
            if (b < 0) {
                throw new EndReached(position);
            }
            position++;
            value |= (long) (b & 0x7f) << shift;
            if (b < 0x80) {
                return value;
            }
        }
        throw new Malformed("a number of more than ten bytes at byte " + position);
    }

    String text(int longest) throws IOException {
        long length = varint();
        if (length < 0 || length > longest) {
            throw new Malformed("a text of " + length + " bytes at byte " + position);
        }
        byte[] bytes = in.readNBytes((int) length);
        position += bytes.length;
        if (bytes.length < length) {
            throw new EndReached(position);
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    void skip(long length) throws IOException {
        if (length < 0) {
            throw new Malformed("a negative length at byte " + position);
        }
        long left = length;
        while (left > 0) {
            // The last byte is always read: a file's stream skips past its end without a word.
            long skipped = in.skip(left - 1);
            left -= skipped;
            position += skipped;
            if (in.read() < 0) {
                throw new EndReached(position);
            }
            left--;
            position++;
        }
    }

    void skipField(int wire) throws IOException {
        switch (wire) {
            case VARINT -> varint();
            case FIXED_64 -> skip(8);
            case LENGTH_DELIMITED -> skip(varint());
            case FIXED_32 -> skip(4);
            default -> throw new Malformed("wire type " + wire + " at byte " + position);
        }
    }
}
