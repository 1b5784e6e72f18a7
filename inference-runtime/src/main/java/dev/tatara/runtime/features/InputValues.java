package dev.tatara.runtime.features;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tatara.features.FeatureRow;
import dev.tatara.features.FeatureType;
import dev.tatara.onnx.Datatype;
import dev.tatara.runtime.inference.InputTensor;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.List;

/**
 * Puts values of features in their place among an input's elements. Floating-point inputs take numbers, truth values (1 and
 * 0) and times (seconds since 1970), rounded to the nearest as a cast does; inputs of integers take those that are whole.
 */
final class InputValues {
    private InputValues() {}

    /** Whether values of a type may go into an input of another. */
    static boolean fits(FeatureType type, Datatype datatype) {
        FeatureType element = type.element().orElse(type);
        boolean text = element == FeatureType.STRING || element == FeatureType.BYTES;
        boolean real = element == FeatureType.FLOAT || element == FeatureType.DOUBLE;
        return switch (datatype) {
            case FP16, BF16, FP32, FP64 -> !text;
            case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64 -> !text && !real;
            case BOOL -> element == FeatureType.BOOL;
            case BYTES -> text;
            case SEQUENCE, MAP, OTHER -> false;
        };
    }

    /** Whether an input's elements can say that there is no value. */
    static boolean hasNotANumber(Datatype datatype) {
        return switch (datatype) {
            case FP16, BF16, FP32, FP64 -> true;
            default -> false;
        };
    }

    /**
     * Puts a value that there is.
     *
     * @param width how many elements it has
     * @return what is wrong with it, null if nothing is
     */
    static String put(FeatureRow row, int index, FeatureType type, InputTensor tensor, int at, int width) {
        if (type.isList()) {
            return putList((List<?>) row.value(index), tensor, at, width);
        }
        Datatype datatype = tensor.info().datatype();
        if (datatype == Datatype.BYTES) {
            tensor.setString(at, text(row.value(index)));
            return null;
        }
        if (hasNotANumber(datatype)) {
            if (datatype == Datatype.FP32 && type == FeatureType.INT64) {
                // Rounded once, as a cast does.
                tensor.data().set(JAVA_FLOAT_UNALIGNED, at * 4L, (float) row.integer(index));
            } else {
                putReal(row.number(index), tensor, at);
            }
            return null;
        }
        return putWhole(row.integer(index), tensor, at);
    }

    /** Says that there is no value. */
    static void putNotANumber(InputTensor tensor, int at, int width) {
        for (int i = 0; i < width; i++) {
            putReal(Double.NaN, tensor, at + i);
        }
    }

    private static String putList(List<?> values, InputTensor tensor, int at, int width) {
        if (values.size() != width) {
            return "has " + values.size() + " elements, the input takes " + width;
        }
        Datatype datatype = tensor.info().datatype();
        for (int i = 0; i < width; i++) {
            Object value = values.get(i);
            String wrong = null;
            if (datatype == Datatype.BYTES) {
                tensor.setString(at + i, text(value));
            } else if (hasNotANumber(datatype)) {
                putReal(real(value), tensor, at + i);
            } else {
                wrong = putWhole(whole(value), tensor, at + i);
            }
            if (wrong != null) {
                return wrong;
            }
        }
        return null;
    }

    private static double real(Object value) {
        return value instanceof Float || value instanceof Double ? ((Number) value).doubleValue() : whole(value);
    }

    private static long whole(Object value) {
        return switch (value) {
            case Boolean truth -> truth ? 1 : 0;
            case Instant time -> time.getEpochSecond();
            case Number number -> number.longValue();
            default -> throw new IllegalStateException(value.getClass().getName());
        };
    }

    private static byte[] text(Object value) {
        return value instanceof String text ? text.getBytes(UTF_8) : (byte[]) value;
    }

    private static void putReal(double value, InputTensor tensor, int at) {
        MemorySegment data = tensor.data();
        switch (tensor.info().datatype()) {
            case FP32 -> data.set(JAVA_FLOAT_UNALIGNED, at * 4L, (float) value);
            case FP64 -> data.set(JAVA_DOUBLE_UNALIGNED, at * 8L, value);
            case FP16 -> data.set(JAVA_SHORT_UNALIGNED, at * 2L, Float.floatToFloat16((float) value));
            case BF16 -> data.set(JAVA_SHORT_UNALIGNED, at * 2L, brain((float) value));
            default -> throw new IllegalStateException(tensor.info().toString());
        }
    }

    /** The upper half of a float, rounded to nearest, ties to even. */
    private static short brain(float value) {
        int bits = Float.floatToRawIntBits(value);
        return Float.isNaN(value) ? (short) 0x7fc0 : (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
    }

    private static String putWhole(long value, InputTensor tensor, int at) {
        MemorySegment data = tensor.data();
        Datatype datatype = tensor.info().datatype();
        long bits = datatype.byteSize() * 8L;
        boolean unsigned =
                switch (datatype) {
                    case UINT8, UINT16, UINT32, UINT64 -> true;
                    default -> false;
                };
        boolean fits = unsigned
                ? value >= 0 && (bits == 64 || value >>> bits == 0)
                : bits == 64 || value == value << (64 - bits) >> (64 - bits);
        if (!fits) {
            return "doesn't fit " + datatype;
        }
        switch (datatype.byteSize()) {
            case 1 -> data.set(JAVA_BYTE, at, (byte) value);
            case 2 -> data.set(JAVA_SHORT_UNALIGNED, at * 2L, (short) value);
            case 4 -> data.set(JAVA_INT_UNALIGNED, at * 4L, (int) value);
            default -> data.set(JAVA_LONG_UNALIGNED, at * 8L, value);
        }
        return null;
    }
}
