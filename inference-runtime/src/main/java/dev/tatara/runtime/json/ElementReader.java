package dev.tatara.runtime.json;

import dev.tatara.runtime.inference.InputTensor;
import dev.tatara.runtime.inference.RequestException;
import java.math.BigInteger;

/** Reads one JSON value as one element of a tensor, refusing what doesn't fit its type. */
final class ElementReader {
    private static final BigInteger UINT64_MAX = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    private ElementReader() {}

    static void read(JsonReader parser, JsonToken token, InputTensor tensor) throws RequestException {
        switch (tensor.info().datatype()) {
            case FP32 -> tensor.addFloat(single(parser, token, tensor));
            case FP64 -> tensor.addDouble(real(parser, token, tensor));
            case FP16 -> tensor.addShort(half(parser, token, tensor));
            case BF16 -> tensor.addShort(brain(parser, token, tensor));
            case INT64 -> tensor.addLong(whole(parser, token, tensor, Long.MIN_VALUE, Long.MAX_VALUE));
            case INT32 -> tensor.addInt((int) whole(parser, token, tensor, Integer.MIN_VALUE, Integer.MAX_VALUE));
            case INT16 -> tensor.addShort((short) whole(parser, token, tensor, Short.MIN_VALUE, Short.MAX_VALUE));
            case INT8 -> tensor.addByte((byte) whole(parser, token, tensor, Byte.MIN_VALUE, Byte.MAX_VALUE));
            case UINT64 -> tensor.addLong(unsigned(parser, token, tensor));
            case UINT32 -> tensor.addInt((int) whole(parser, token, tensor, 0, 0xffff_ffffL));
            case UINT16 -> tensor.addShort((short) whole(parser, token, tensor, 0, 0xffff));
            case UINT8 -> tensor.addByte((byte) whole(parser, token, tensor, 0, 0xff));
            case BOOL -> tensor.addByte(bool(parser, token, tensor));
            case BYTES -> tensor.addString(text(parser, token, tensor));
            case SEQUENCE, MAP, OTHER ->
                throw RequestException.bad("input \"" + tensor.info().name() + "\" is a "
                        + tensor.info().datatype() + ", which this protocol cannot carry");
        }
    }

    private static float single(JsonReader parser, JsonToken token, InputTensor tensor) throws RequestException {
        number(parser, token, tensor);
        float value = parser.floatValue();
        if (Float.isInfinite(value)) {
            throw doesNotFit(parser, tensor);
        }
        return value;
    }

    private static double real(JsonReader parser, JsonToken token, InputTensor tensor) throws RequestException {
        number(parser, token, tensor);
        double value = parser.doubleValue();
        if (Double.isInfinite(value)) {
            throw doesNotFit(parser, tensor);
        }
        return value;
    }

    private static short half(JsonReader parser, JsonToken token, InputTensor tensor) throws RequestException {
        short value = Float.floatToFloat16(single(parser, token, tensor));
        if (Float.isInfinite(Float.float16ToFloat(value))) {
            throw doesNotFit(parser, tensor);
        }
        return value;
    }

    /** The upper half of a float, rounded to nearest, ties to even. */
    private static short brain(JsonReader parser, JsonToken token, InputTensor tensor) throws RequestException {
        int bits = Float.floatToRawIntBits(single(parser, token, tensor));
        short value = (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
        if (Float.isInfinite(Float.intBitsToFloat(value << 16))) {
            throw doesNotFit(parser, tensor);
        }
        return value;
    }

    private static void number(JsonReader parser, JsonToken token, InputTensor tensor) throws RequestException {
        if (token != JsonToken.VALUE_NUMBER_FLOAT && token != JsonToken.VALUE_NUMBER_INT) {
            throw unexpected(parser, token, tensor, "a number");
        }
    }

    private static long whole(JsonReader parser, JsonToken token, InputTensor tensor, long least, long most)
            throws RequestException {
        if (token != JsonToken.VALUE_NUMBER_INT) {
            throw unexpected(parser, token, tensor, "a whole number");
        }
        if (!parser.isLong()) {
            throw doesNotFit(parser, tensor);
        }
        long value = parser.longValue();
        if (value < least || value > most) {
            throw doesNotFit(parser, tensor);
        }
        return value;
    }

    private static long unsigned(JsonReader parser, JsonToken token, InputTensor tensor) throws RequestException {
        if (token != JsonToken.VALUE_NUMBER_INT) {
            throw unexpected(parser, token, tensor, "a whole number");
        }
        if (parser.isLong()) {
            return whole(parser, token, tensor, 0, Long.MAX_VALUE);
        }
        BigInteger value = parser.bigIntegerValue();
        if (value.signum() < 0 || value.compareTo(UINT64_MAX) > 0) {
            throw doesNotFit(parser, tensor);
        }
        return value.longValue();
    }

    private static byte bool(JsonReader parser, JsonToken token, InputTensor tensor) throws RequestException {
        return switch (token) {
            case VALUE_TRUE -> 1;
            case VALUE_FALSE -> 0;
            case VALUE_NUMBER_INT -> (byte) whole(parser, token, tensor, 0, 1);
            default -> throw unexpected(parser, token, tensor, "true or false");
        };
    }

    private static byte[] text(JsonReader parser, JsonToken token, InputTensor tensor) throws RequestException {
        if (token != JsonToken.VALUE_STRING) {
            throw unexpected(parser, token, tensor, "a string");
        }
        return parser.utf8();
    }

    private static RequestException unexpected(JsonReader parser, JsonToken token, InputTensor tensor, String expected)
            throws RequestException {
        String found =
                switch (token) {
                    case START_OBJECT -> "an object";
                    case VALUE_NULL -> "null";
                    case VALUE_STRING -> "the string \"" + shown(parser) + "\"";
                    case VALUE_TRUE, VALUE_FALSE, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> shown(parser);
                    case START_ARRAY, END_ARRAY, END_OBJECT, FIELD_NAME -> "something else";
                };
        return RequestException.bad("input \"" + tensor.info().name() + "\": element " + tensor.count() + " must be "
                + expected + " (" + tensor.info().datatype() + "), got " + found);
    }

    private static RequestException doesNotFit(JsonReader parser, InputTensor tensor) throws RequestException {
        return RequestException.bad("input \"" + tensor.info().name() + "\": element " + tensor.count() + ", "
                + shown(parser) + ", does not fit " + tensor.info().datatype());
    }

    private static String shown(JsonReader parser) throws RequestException {
        return Json.shown(parser.text());
    }
}
