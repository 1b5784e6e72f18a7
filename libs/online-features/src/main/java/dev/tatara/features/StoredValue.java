package dev.tatara.features;

import static dev.tatara.features.ProtoReader.BLOCK;

import java.util.Arrays;

/**
 * Reads values where they lie, without objects in between. It knows one form only: the one field that a value has and
 * nothing else, numbers of a list packed; all writers write this form, and {@link #plain} brings any other into it.
 */
final class StoredValue {
    private StoredValue() {}

    /**
     * The same value in the plain form: mostly the very same bytes. Empty for a null.
     *
     * @throws MalformedValueException where the bytes are no value, or one of another type
     */
    static byte[] plain(FeatureType type, byte[] bytes) throws MalformedValueException {
        if (bytes.length == 0 || isPlain(type, bytes)) {
            return bytes;
        }
        return ValueCodec.encode(type, ValueCodec.decode(type, bytes));
    }

    private static boolean isPlain(FeatureType type, byte[] bytes) throws MalformedValueException {
        ProtoReader in = new ProtoReader(bytes);
        if (in.tag() != ValueCodec.tagOf(type)) {
            return false;
        }
        if (type == FeatureType.UNIX_TIMESTAMP) {
            long seconds = in.varint();
            return !in.hasMore() && seconds != ValueCodec.NO_TIME && ValueCodec.instant(seconds) != null;
        }
        if (!type.isList()) {
            check(type, in);
            return !in.hasMore();
        }
        ProtoReader list = in.block();
        if (in.hasMore() || !list.hasMore()) {
            return !in.hasMore();
        }
        FeatureType element = type.elementType();
        if (ValueCodec.wireType(element) == BLOCK || list.tag() != (ValueCodec.ELEMENTS << 3 | BLOCK)) {
            return false;
        }
        ProtoReader packed = list.block();
        while (packed.hasMore()) {
            check(element, packed);
        }
        return !list.hasMore();
    }

    private static void check(FeatureType type, ProtoReader in) throws MalformedValueException {
        if (type == FeatureType.UNIX_TIMESTAMP) {
            ValueCodec.instant(in.varint());
        } else {
            in.skipField(ValueCodec.wireType(type));
        }
    }

    /** A plain value that is no null, as a number: truth values are 1 and 0, times seconds since 1970. */
    static double number(FeatureType type, byte[] plain) {
        try {
            ProtoReader in = new ProtoReader(plain);
            in.tag();
            return number(type, in);
        } catch (MalformedValueException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A plain value that is no null, as a whole number: truth values are 1 and 0, times seconds since 1970. */
    static long integer(FeatureType type, byte[] plain) {
        try {
            ProtoReader in = new ProtoReader(plain);
            in.tag();
            return switch (type) {
                case INT32 -> (int) in.varint();
                case INT64, UNIX_TIMESTAMP -> in.varint();
                case BOOL -> in.varint() != 0 ? 1 : 0;
                default -> throw new IllegalArgumentException(type + " has no whole numbers");
            };
        } catch (MalformedValueException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A plain list that is no null, as numbers. */
    static float[] floats(FeatureType type, byte[] plain) {
        if (!type.isList()) {
            throw new IllegalArgumentException(type + " is no list");
        }
        FeatureType element = type.elementType();
        try {
            ProtoReader in = new ProtoReader(plain);
            in.tag();
            ProtoReader list = in.block();
            if (!list.hasMore()) {
                return new float[0];
            }
            list.tag();
            ProtoReader packed = list.block();
            float[] numbers = new float[packed.left()];
            int count = 0;
            while (packed.hasMore()) {
                numbers[count++] = (float) number(element, packed);
            }
            return Arrays.copyOf(numbers, count);
        } catch (MalformedValueException e) {
            throw new IllegalStateException(e);
        }
    }

    private static double number(FeatureType type, ProtoReader in) throws MalformedValueException {
        return switch (type) {
            case DOUBLE -> Double.longBitsToDouble(in.fixed64());
            case FLOAT -> Float.intBitsToFloat(in.fixed32());
            case INT32 -> (int) in.varint();
            case INT64, UNIX_TIMESTAMP -> in.varint();
            case BOOL -> in.varint() != 0 ? 1 : 0;
            default -> throw new IllegalArgumentException(type + " has no numbers");
        };
    }
}
