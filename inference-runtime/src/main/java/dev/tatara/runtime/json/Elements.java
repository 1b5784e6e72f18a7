package dev.tatara.runtime.json;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.tatara.onnx.OnnxValue.Numbers;
import java.lang.foreign.MemorySegment;

/** Elements of a model's answer, one by one. */
public final class Elements {
    private Elements() {}

    /** Writes elements {@code from} (inclusive) to {@code to} (exclusive), separated by commas. */
    public static void write(Numbers numbers, long from, long to, JsonBytes out) {
        for (long i = from; i < to; i++) {
            if (i > from) {
                out.raw(',');
            }
            write(numbers, i, out);
        }
    }

    /** Writes one element. */
    public static void write(Numbers numbers, long index, JsonBytes out) {
        MemorySegment data = numbers.data();
        switch (numbers.datatype()) {
            case FP32 -> out.number(data.get(JAVA_FLOAT_UNALIGNED, index * 4));
            case FP64 -> out.number(data.get(JAVA_DOUBLE_UNALIGNED, index * 8));
            case FP16 -> out.number(Float.float16ToFloat(data.get(JAVA_SHORT_UNALIGNED, index * 2)));
            case BF16 -> out.number(bf16(data.get(JAVA_SHORT_UNALIGNED, index * 2)));
            case UINT64 -> out.unsigned(data.get(JAVA_LONG_UNALIGNED, index * 8));
            case BOOL -> out.bool(data.get(JAVA_BYTE, index) != 0);
            case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32 -> out.number(asLong(numbers, index));
            case BYTES, SEQUENCE, MAP, OTHER ->
                throw new IllegalArgumentException(numbers.datatype() + " is no number");
        }
    }

    /** As {@link Numbers#asLong}. */
    public static long asLong(Numbers numbers, long index) {
        return numbers.asLong(index);
    }

    /** As {@link Numbers#asDouble}. */
    public static double asDouble(Numbers numbers, long index) {
        return numbers.asDouble(index);
    }

    private static float bf16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
