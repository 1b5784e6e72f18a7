package dev.tatara.features;

import java.util.Arrays;

/** Writes the wire format of protocol buffers into an array that grows. */
final class ProtoWriter {
    private byte[] bytes;
    private int length;

    ProtoWriter(int capacity) {
        bytes = new byte[capacity];
    }

    static int varintLength(long value) {
        return (63 - Long.numberOfLeadingZeros(value | 1)) / 7 + 1;
    }

    ProtoWriter tag(int field, int wireType) {
        return varint((long) field << 3 | wireType);
    }

    ProtoWriter varint(long value) {
        reserve(10);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
        return this;
    }

    ProtoWriter fixed32(int value) {
        reserve(4);
        LittleEndian.putInt(bytes, length, value);
        length += 4;
        return this;
    }

    ProtoWriter fixed64(long value) {
        reserve(8);
        LittleEndian.putLong(bytes, length, value);
        length += 8;
        return this;
    }

    /** A length and so many bytes. */
    ProtoWriter block(byte[] block) {
        varint(block.length);
        reserve(block.length);
        System.arraycopy(block, 0, bytes, length, block.length);
        length += block.length;
        return this;
    }

    byte[] toBytes() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    private void reserve(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
        }
    }
}
