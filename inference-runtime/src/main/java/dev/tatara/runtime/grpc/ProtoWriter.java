package dev.tatara.runtime.grpc;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Writes protocol buffers into an array of the right size; the static methods tell that size beforehand. */
final class ProtoWriter {
    private final byte[] bytes;
    private int position;

    ProtoWriter(byte[] target, int offset) {
        bytes = target;
        position = offset;
    }

    int position() {
        return position;
    }

    static int varintSize(long value) {
        // Seven bits a byte; the smallest number has one.
        return (Long.SIZE - Long.numberOfLeadingZeros(value | 1) + 6) / 7;
    }

    /** Of a field below 16 that has a length. */
    static int delimitedSize(int length) {
        return 1 + varintSize(length) + length;
    }

    ProtoWriter varint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[position++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[position++] = (byte) rest;
        return this;
    }

    /** The head of a field below 16 that has a length. */
    ProtoWriter delimited(int field, int length) {
        bytes[position++] = (byte) ProtoReader.tag(field, ProtoReader.DELIMITED);
        return varint(length);
    }

    ProtoWriter raw(byte[] source) {
        System.arraycopy(source, 0, bytes, position, source.length);
        position += source.length;
        return this;
    }

    ProtoWriter raw(MemorySegment source) {
        int size = (int) source.byteSize();
        MemorySegment.copy(source, ValueLayout.JAVA_BYTE, 0, bytes, position, size);
        position += size;
        return this;
    }

    /** Four bytes, the least significant first. */
    ProtoWriter int32(int value) {
        bytes[position++] = (byte) value;
        bytes[position++] = (byte) (value >> 8);
        bytes[position++] = (byte) (value >> 16);
        bytes[position++] = (byte) (value >> 24);
        return this;
    }

    /** A whole field below 16 of bytes or a message. */
    static byte[] field(int number, byte[] content) {
        byte[] field = new byte[delimitedSize(content.length)];
        new ProtoWriter(field, 0).delimited(number, content.length).raw(content);
        return field;
    }

    /** A whole field below 16 of text; as protocol buffers have it, nothing where the text is empty. */
    static byte[] field(int number, String text) {
        return text.isEmpty() ? new byte[0] : field(number, text.getBytes(StandardCharsets.UTF_8));
    }
}
