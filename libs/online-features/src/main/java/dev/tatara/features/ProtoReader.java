package dev.tatara.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/** Reads the wire format of protocol buffers from a part of an array, and refuses what goes beyond it. */
final class ProtoReader {
    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int BLOCK = 2;
    static final int FIXED32 = 5;

    private final byte[] bytes;
    private final int end;
    private int at;

    ProtoReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    private ProtoReader(byte[] bytes, int at, int end) {
        this.bytes = bytes;
        this.at = at;
        this.end = end;
    }

    boolean hasMore() {
        return at < end;
    }

    /** A field's number and wire type. */
    int tag() throws MalformedValueException {
        long tag = varint();
        if (tag >>> 3 == 0 || tag >>> 32 != 0) {
            throw new MalformedValueException("a tag of no field");
        }
        return (int) tag;
    }

    long varint() throws MalformedValueException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at >= end) {
                throw new MalformedValueException("it ends in the middle of a number");
            }
            byte one = bytes[at++];
            value |= (one & 0x7fL) << shift;
            if (one >= 0) {
                return value;
            }
        }
        throw new MalformedValueException("a number of more than ten bytes");
    }

    int fixed32() throws MalformedValueException {
        return LittleEndian.getInt(bytes, skip(4));
    }

    long fixed64() throws MalformedValueException {
        return LittleEndian.getLong(bytes, skip(8));
    }

    /** What lies behind a length, as a reader of its own on the same array. */
    ProtoReader block() throws MalformedValueException {
        long length = varint();
        if (length < 0 || length > end - at) {
            throw new MalformedValueException("it ends in the middle of a block");
        }
        int start = skip((int) length);
        return new ProtoReader(bytes, start, at);
    }

    /** The bytes that are left. */
    byte[] rest() {
        return Arrays.copyOfRange(bytes, at, end);
    }

    String restAsText() {
        return new String(bytes, at, end - at, UTF_8);
    }

    int left() {
        return end - at;
    }

    void skipField(int wireType) throws MalformedValueException {
        switch (wireType) {
            case VARINT -> varint();
            case FIXED64 -> skip(8);
            case BLOCK -> block();
            case FIXED32 -> skip(4);
            default -> throw new MalformedValueException("a field of wire type " + wireType);
        }
    }

    private int skip(int count) throws MalformedValueException {
        if (count > end - at) {
            throw new MalformedValueException("it ends in the middle of a field");
        }
        int start = at;
        at += count;
        return start;
    }
}
