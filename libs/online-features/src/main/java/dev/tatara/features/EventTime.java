package dev.tatara.features;

import java.time.Instant;

/** Event times as the online store has them: {@code google.protobuf.Timestamp}, of which Feast fills both fields. */
public final class EventTime {
    private static final int SECONDS = 1;
    private static final int NANOS = 2;

    private EventTime() {}

    /** The bytes of a time. */
    public static byte[] encode(Instant time) {
        long seconds = time.getEpochSecond();
        int nanos = time.getNano();
        ProtoWriter out = new ProtoWriter(17);
        if (seconds != 0) {
            out.tag(SECONDS, ProtoReader.VARINT).varint(seconds);
        }
        if (nanos != 0) {
            out.tag(NANOS, ProtoReader.VARINT).varint(nanos);
        }
        return out.toBytes();
    }

    /**
     * The time in these bytes; without any, 1970-01-01.
     *
     * @throws MalformedValueException where the bytes are no time
     */
    public static Instant decode(byte[] bytes) throws MalformedValueException {
        ProtoReader in = new ProtoReader(bytes);
        long seconds = 0;
        long nanos = 0;
        while (in.hasMore()) {
            int tag = in.tag();
            if (tag == SECONDS << 3) {
                seconds = in.varint();
            } else if (tag == NANOS << 3) {
                nanos = in.varint();
            } else {
                in.skipField(tag & 7);
            }
        }
        if (nanos < 0
                || nanos > 999_999_999
                || seconds < Instant.MIN.getEpochSecond()
                || seconds > Instant.MAX.getEpochSecond()) {
            throw new MalformedValueException("an event time beyond all times");
        }
        return Instant.ofEpochSecond(seconds, nanos);
    }
}
