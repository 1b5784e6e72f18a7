package dev.tatara.onnx;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** What a model answered: in nearly all cases a tensor. Valid as long as the call's outputs are. */
public sealed interface OnnxValue {

    /**
     * A tensor of numbers or booleans.
     *
     * @param shape the dimensions; empty for a scalar. Not copied: leave it alone
     * @param data elements in row-major order and the machine's byte order, where ONNX Runtime put them
     */
    @SuppressWarnings(
            "ArrayRecordComponent") // compared by nobody, and a list would box every dimension of every answer
    record Numbers(Datatype datatype, long[] shape, MemorySegment data) implements OnnxValue {
        /** Number of elements. */
        public long size() {
            return data.byteSize() / datatype.byteSize();
        }

        /**
         * A whole number's (or boolean's) value; an UINT64 above Long.MAX_VALUE comes out negative.
         *
         * @throws IllegalArgumentException if the elements aren't whole numbers
         */
        public long asLong(long index) {
            return switch (datatype) {
                case INT64, UINT64 -> data.get(JAVA_LONG_UNALIGNED, index * 8);
                case INT32 -> data.get(JAVA_INT_UNALIGNED, index * 4);
                case UINT32 -> Integer.toUnsignedLong(data.get(JAVA_INT_UNALIGNED, index * 4));
                case INT16 -> data.get(JAVA_SHORT_UNALIGNED, index * 2);
                case UINT16 -> Short.toUnsignedLong(data.get(JAVA_SHORT_UNALIGNED, index * 2));
                case INT8 -> data.get(JAVA_BYTE, index);
                case UINT8, BOOL -> Byte.toUnsignedLong(data.get(JAVA_BYTE, index));
                case FP16, BF16, FP32, FP64, BYTES, SEQUENCE, MAP, OTHER ->
                    throw new IllegalArgumentException(datatype + " is no whole number");
            };
        }

        /** Any number's value as a double. */
        public double asDouble(long index) {
            return switch (datatype) {
                case FP32 -> data.get(JAVA_FLOAT_UNALIGNED, index * 4);
                case FP64 -> data.get(JAVA_DOUBLE_UNALIGNED, index * 8);
                case FP16 -> Float.float16ToFloat(data.get(JAVA_SHORT_UNALIGNED, index * 2));
                case BF16 -> Float.intBitsToFloat(data.get(JAVA_SHORT_UNALIGNED, index * 2) << 16);
                case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, BOOL -> asLong(index);
                case BYTES, SEQUENCE, MAP, OTHER -> throw new IllegalArgumentException(datatype + " is no number");
            };
        }
    }

    /**
     * A tensor of strings.
     *
     * @param shape the dimensions; empty for a scalar. Not copied: leave it alone
     * @param elements in row-major order
     */
    @SuppressWarnings("ArrayRecordComponent") // as above
    record Strings(long[] shape, List<byte[]> elements) implements OnnxValue {}

    /** A sequence of values. */
    record Sequence(List<OnnxValue> elements) implements OnnxValue {}

    /**
     * A map: the n-th key belongs to the n-th value.
     *
     * @param keys integers or strings, one dimension
     * @param values one dimension
     */
    record Mapping(OnnxValue keys, OnnxValue values) implements OnnxValue {}
}
