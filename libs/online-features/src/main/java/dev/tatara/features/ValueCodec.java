package dev.tatara.features;

import static dev.tatara.features.ProtoReader.BLOCK;
import static dev.tatara.features.ProtoReader.FIXED32;
import static dev.tatara.features.ProtoReader.FIXED64;
import static dev.tatara.features.ProtoReader.VARINT;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Values as the online store has them: the message {@code feast.types.Value}. A null is a message without a value, which
 * has no bytes; {@code null_val} is read as null too. Unknown fields are passed over, of several values the last counts,
 * numbers of lists may be packed or not, as protocol buffers have it.
 */
public final class ValueCodec {
    /** A value that is null. */
    private static final byte[] NULL = {};

    private static final int NULL_FIELD = 19;
    /** How Feast writes a time that is null: the number that NumPy has for it. */
    static final long NO_TIME = Long.MIN_VALUE;

    /** The one field of the messages that hold lists. */
    static final int ELEMENTS = 1;

    private ValueCodec() {}

    /**
     * The bytes of a value.
     *
     * @param value of the class that {@link FeatureType} names, or one that can be brought into it without loss (other
     *     integers that fit, {@code java.time}'s and {@code java.sql.Timestamp} for times, arrays for lists); null for null
     * @throws IllegalArgumentException where the value is of no such class, beyond the type's range, or a list with a
     *     null in it
     */
    public static byte[] encode(FeatureType type, Object value) {
        if (value == null) {
            return NULL.clone();
        }
        Object known = Conversion.to(type, value);
        if (!type.isList()) {
            ProtoWriter out = new ProtoWriter(capacity(type)).tag(type.field(), wireType(type));
            return write(out, type, known).toBytes();
        }
        byte[] list = elements(type.elementType(), (List<?>) known);
        return new ProtoWriter(list.length + 12)
                .tag(type.field(), BLOCK)
                .block(list)
                .toBytes();
    }

    private static int capacity(FeatureType type) {
        return switch (type) {
            case DOUBLE -> 9;
            case FLOAT -> 5;
            case BOOL -> 11;
            default -> 16;
        };
    }

    private static byte[] elements(FeatureType type, List<?> elements) {
        ProtoWriter packed = new ProtoWriter(8 * elements.size());
        boolean blocks = wireType(type) == BLOCK;
        for (Object element : elements) {
            if (blocks) {
                packed.tag(ELEMENTS, BLOCK);
            }
            write(packed, type, element);
        }
        byte[] bytes = packed.toBytes();
        return blocks || bytes.length == 0
                ? bytes
                : new ProtoWriter(bytes.length + 11)
                        .tag(ELEMENTS, BLOCK)
                        .block(bytes)
                        .toBytes();
    }

    private static ProtoWriter write(ProtoWriter out, FeatureType type, Object value) {
        return switch (type) {
            case BYTES -> out.block((byte[]) value);
            case STRING -> out.block(((String) value).getBytes(UTF_8));
            case INT32 -> out.varint((Integer) value);
            case INT64 -> out.varint((Long) value);
            case DOUBLE -> out.fixed64(Double.doubleToRawLongBits((Double) value));
            case FLOAT -> out.fixed32(Float.floatToRawIntBits((Float) value));
            case BOOL -> out.varint((Boolean) value ? 1 : 0);
            case UNIX_TIMESTAMP -> out.varint(((Instant) value).getEpochSecond());
            default -> throw new IllegalStateException(type.name());
        };
    }

    /**
     * The value in these bytes, of the class that {@link FeatureType} names; null for a null.
     *
     * @throws MalformedValueException where the bytes are no value, or one of another type
     */
    public static Object decode(FeatureType type, byte[] bytes) throws MalformedValueException {
        ProtoReader in = new ProtoReader(bytes);
        Object value = null;
        while (in.hasMore()) {
            int tag = in.tag();
            int field = tag >>> 3;
            if (tag == tagOf(type)) {
                value = type.isList() ? list(type, in.block()) : read(in, type);
            } else if (FeatureType.ofField(field) != null) {
                throw new MalformedValueException(
                        "expected a value of " + type + ", found one of " + FeatureType.ofField(field));
            } else {
                value = field == NULL_FIELD ? null : value;
                in.skipField(tag & 7);
            }
        }
        return value;
    }

    private static Object read(ProtoReader in, FeatureType type) throws MalformedValueException {
        return switch (type) {
            case BYTES -> in.block().rest();
            case STRING -> in.block().restAsText();
            case INT32 -> (int) in.varint();
            case INT64 -> in.varint();
            case DOUBLE -> Double.longBitsToDouble(in.fixed64());
            case FLOAT -> Float.intBitsToFloat(in.fixed32());
            case BOOL -> in.varint() != 0;
            case UNIX_TIMESTAMP -> {
                long seconds = in.varint();
                yield seconds == NO_TIME ? null : instant(seconds);
            }
            default -> throw new IllegalStateException(type.name());
        };
    }

    private static Object readElement(ProtoReader in, FeatureType type) throws MalformedValueException {
        Object element = read(in, type);
        if (element == null) {
            throw new MalformedValueException("a list with a null in it");
        }
        return element;
    }

    static Instant instant(long seconds) throws MalformedValueException {
        if (seconds < Instant.MIN.getEpochSecond() || seconds > Instant.MAX.getEpochSecond()) {
            throw new MalformedValueException("a time beyond all times");
        }
        return Instant.ofEpochSecond(seconds);
    }

    private static List<Object> list(FeatureType type, ProtoReader in) throws MalformedValueException {
        FeatureType element = type.elementType();
        int wireType = wireType(element);
        List<Object> elements = new ArrayList<>();
        while (in.hasMore()) {
            int tag = in.tag();
            if (tag == (ELEMENTS << 3 | wireType)) {
                elements.add(readElement(in, element));
            } else if (tag == (ELEMENTS << 3 | BLOCK)) {
                ProtoReader packed = in.block();
                while (packed.hasMore()) {
                    elements.add(readElement(packed, element));
                }
            } else {
                in.skipField(tag & 7);
            }
        }
        return elements;
    }

    static int tagOf(FeatureType type) {
        return type.field() << 3 | (type.isList() ? BLOCK : wireType(type));
    }

    static int wireType(FeatureType scalar) {
        return switch (scalar) {
            case BYTES, STRING -> BLOCK;
            case DOUBLE -> FIXED64;
            case FLOAT -> FIXED32;
            default -> VARINT;
        };
    }
}
