package dev.tatara.runtime.model;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.tatara.onnx.OnnxCall;
import dev.tatara.onnx.ValueInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Rows of one input that differ from each other, with elements that any model should stand: floating point from −1 to 1,
 * whole numbers 0 or 1, strings of one letter.
 */
final class ProbeRows {
    private static final int ALIGNMENT = 64;
    private static final int LETTERS = 26;

    private final ValueInfo info;
    private final long[] shape;
    private final int rowElements;
    private final MemorySegment numbers;
    private final List<byte[]> strings = new ArrayList<>();

    /** What is random; the rest is zero or empty. */
    enum Kind {
        ALL,
        FLOATS_ONLY
    }

    ProbeRows(ValueInfo info, int rows, Kind kind, SplittableRandom random, Arena arena) {
        this.info = info;
        // As the warm-up does: a dynamic dimension is 1, which suits inputs whose dimensions must agree.
        shape = info.shape().stream().mapToLong(size -> size < 0 ? 1 : size).toArray();
        rowElements = (int) Arrays.stream(shape).skip(1).reduce(1, (a, b) -> a * b);
        int elements = rows * rowElements;
        int size = info.datatype().byteSize();
        numbers = arena.allocate(Math.max(1, (long) elements * size), ALIGNMENT);
        for (int i = 0; i < elements; i++) {
            if (size == 0) {
                strings.add(kind == Kind.ALL ? new byte[] {(byte) ('a' + random.nextInt(LETTERS))} : new byte[0]);
            } else if (kind == Kind.ALL || isFloat(info)) {
                set(i, random);
            }
        }
    }

    /** Whether rows of this kind differ at all. */
    static boolean differ(List<ValueInfo> inputs, Kind kind) {
        return inputs.stream().anyMatch(input -> kind == Kind.ALL || isFloat(input));
    }

    private static boolean isFloat(ValueInfo info) {
        return switch (info.datatype()) {
            case FP16, BF16, FP32, FP64 -> true;
            case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, BOOL, BYTES, SEQUENCE, MAP, OTHER -> false;
        };
    }

    private void set(long index, SplittableRandom random) {
        double real = random.nextDouble(-1, 1);
        int whole = random.nextInt(2);
        switch (info.datatype()) {
            case FP32 -> numbers.set(JAVA_FLOAT_UNALIGNED, index * 4, (float) real);
            case FP64 -> numbers.set(JAVA_DOUBLE_UNALIGNED, index * 8, real);
            case FP16 -> numbers.set(JAVA_SHORT_UNALIGNED, index * 2, Float.floatToFloat16((float) real));
            case BF16 ->
                numbers.set(JAVA_SHORT_UNALIGNED, index * 2, (short) (Float.floatToRawIntBits((float) real) >>> 16));
            case INT64, UINT64 -> numbers.set(JAVA_LONG_UNALIGNED, index * 8, whole);
            case INT32, UINT32 -> numbers.set(JAVA_INT_UNALIGNED, index * 4, whole);
            case INT16, UINT16 -> numbers.set(JAVA_SHORT_UNALIGNED, index * 2, (short) whole);
            case INT8, UINT8, BOOL -> numbers.set(JAVA_BYTE, index, (byte) whole);
            case BYTES, SEQUENCE, MAP, OTHER -> throw new IllegalArgumentException(info + " takes no numbers");
        }
    }

    /**
     * Feeds some of the rows.
     *
     * @param index position among the model's inputs
     */
    void feed(OnnxCall call, int index, int from, int rows) {
        long[] dimensions = shape.clone();
        dimensions[0] = rows;
        if (info.datatype().byteSize() == 0) {
            call.strings(index, strings.subList(from * rowElements, (from + rows) * rowElements), dimensions);
        } else {
            long rowBytes = (long) rowElements * info.datatype().byteSize();
            call.input(index, numbers.asSlice(from * rowBytes, rows * rowBytes), dimensions);
        }
    }
}
