package dev.tatara.onnx;

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
