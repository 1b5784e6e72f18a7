package dev.tatara.runtime.grpc;

import java.io.ByteArrayOutputStream;

/** Makes protocol buffers that aren't made often: descriptions, statistics. */
final class Message {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Message text(int field, String value) {
        return value.isEmpty() ? this : bytes(field, value.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /** Also where it is empty: for a field that may be repeated or is a message. */
    Message bytes(int field, byte[] value) {
        tag(field, ProtoReader.DELIMITED);
        varint(value.length);
        bytes.writeBytes(value);
        return this;
    }

    Message message(int field, Message value) {
        return bytes(field, value.toByteArray());
    }

    /** A field that is left out where it is 0, as protocol buffers have it. */
    Message number(int field, long value) {
        if (value != 0) {
            tag(field, ProtoReader.VARINT);
            varint(value);
        }
        return this;
    }

    Message bool(int field, boolean value) {
        return number(field, value ? 1 : 0);
    }

    /** Repeated numbers, packed. */
    Message numbers(int field, Iterable<Long> values) {
        Message packed = new Message();
        values.forEach(packed::varint);
        return packed.bytes.size() == 0 ? this : message(field, packed);
    }

    private void tag(int field, int wireType) {
        varint(ProtoReader.tag(field, wireType));
    }

    private void varint(long value) {
        byte[] encoded = new byte[ProtoWriter.varintSize(value)];
        new ProtoWriter(encoded, 0).varint(value);
        bytes.writeBytes(encoded);
    }

    byte[] toByteArray() {
        return bytes.toByteArray();
    }
}
