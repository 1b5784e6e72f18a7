package dev.tatara.runtime.grpc;

import dev.tatara.runtime.inference.RequestException;
import java.nio.charset.StandardCharsets;

/**
 * Reads protocol buffers where they lie in an array, field by field; nothing is copied and no object is made. What isn't
 * a protocol buffer is the client's mistake. Reused, by one thread at a time.
 */
final class ProtoReader {
    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int DELIMITED = 2;
    static final int FIXED32 = 5;

    private static final int MOST_VARINT_BITS = 64;

    private byte[] bytes = {};
    private int start;
    private int position;
    private int end;

    void open(byte[] source, int offset, int length) {
        bytes = source;
        start = offset;
        position = offset;
        end = offset + length;
    }

    /** Lets go of the array. */
    void close() {
        open(new byte[0], 0, 0);
    }

    byte[] bytes() {
        return bytes;
    }

    int position() {
        return position;
    }

    void seek(int to) {
        position = to;
    }

    boolean hasMore() {
        return position < end;
    }

    /** The next field's tag, or 0 at the end of the message. */
    int tag() throws RequestException {
        if (position >= end) {
            return 0;
        }
        // Fields 1 to 15 have one byte, and the protocol has no others.
        int tag = bytes[position] > 0 ? bytes[position++] : longTag();
        if (tag >>> 3 == 0) {
            throw broken("the field number 0");
        }
        return tag;
    }

    private int longTag() throws RequestException {
        long tag = varint();
        if (tag <= 0 || tag > 0xffff_ffffL) {
            throw broken("a field number that is none");
        }
        return (int) tag;
    }

    static int field(int tag) {
        return tag >>> 3;
    }

    static int wireType(int tag) {
        return tag & 7;
    }

    static int tag(int field, int wireType) {
        return field << 3 | wireType;
    }

    long varint() throws RequestException {
        if (position < end && bytes[position] >= 0) {
            return bytes[position++];
        }
        long value = 0;
        for (int shift = 0; shift < MOST_VARINT_BITS; shift += 7) {
            if (position >= end) {
                throw broken("a number that isn't whole");
            }
            byte b = bytes[position++];
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw broken("a number of more than ten bytes");
    }

    /** The length of what follows, which is inside the message. */
    int length() throws RequestException {
        long length = varint();
        if (length < 0 || length > end - position) {
            throw broken(
                    "a field of " + Long.toUnsignedString(length) + " bytes where " + (end - position) + " are left");
        }
        return (int) length;
    }

    /** Reads a message within the message from now on. {@link #leave} takes what this returns. */
    int enter() throws RequestException {
        int length = length();
        int outer = end;
        end = position + length;
        return outer;
    }

    /** Goes on after the inner message, wherever reading stopped in it. */
    void leave(int outer) {
        position = end;
        end = outer;
    }

    /** Where what is being read ends. */
    int end() {
        return end;
    }

    void advance(int count) {
        position += count;
    }

    String string() throws RequestException {
        int length = length();
        String text = new String(bytes, position, length, StandardCharsets.UTF_8);
        position += length;
        return text;
    }

    /** Whether the string that follows is this one; goes past it if so, and stays before it otherwise. */
    boolean skipIfEqual(byte[] utf8) throws RequestException {
        int before = position;
        int length = length();
        if (length == utf8.length && java.util.Arrays.equals(bytes, position, position + length, utf8, 0, length)) {
            position += length;
            return true;
        }
        position = before;
        return false;
    }

    void skip(int tag) throws RequestException {
        switch (wireType(tag)) {
            case VARINT -> varint();
            case FIXED64 -> skipBytes(8);
            case DELIMITED -> skipBytes(length());
            case FIXED32 -> skipBytes(4);
            default -> throw broken("wire type " + wireType(tag) + " of field " + field(tag));
        }
    }

    private void skipBytes(int count) throws RequestException {
        if (end - position < count) {
            throw broken("a number that isn't whole");
        }
        position += count;
    }

    /** For what is no protocol buffer, or not of the expected kind. */
    RequestException broken(String what) {
        return RequestException.bad(
                "the message is not what this call takes: " + what + " at byte " + (position - start));
    }
}
