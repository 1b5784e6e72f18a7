package dev.tatara.onnx;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Reads ONNX Runtime's values. */
final class ValueReader {
    private static final int TYPE_TENSOR = 1;
    private static final int TYPE_SEQUENCE = 2;
    private static final int TYPE_MAP = 3;
    private static final int USUAL_RANK = 16;

    private final OrtApi api;
    private final long allocator;
    private final Arena arena;
    private final MemorySegment out;
    private final List<Long> parts = new ArrayList<>();
    private MemorySegment shapeSlot;

    ValueReader(OrtApi api, long allocator, Arena arena) {
        this.api = api;
        this.allocator = allocator;
        this.arena = arena;
        out = arena.allocate(JAVA_LONG);
        shapeSlot = arena.allocate(JAVA_LONG, USUAL_RANK);
    }

    /** Memory for a shape's dimensions, overwritten by the next use. */
    MemorySegment shapeSlot(long rank) {
        if (shapeSlot.byteSize() < rank * JAVA_LONG.byteSize()) {
            shapeSlot = arena.allocate(JAVA_LONG, rank);
        }
        return shapeSlot;
    }

    OnnxValue read(long value) {
        if (value == 0) {
            throw new OnnxException(OnnxException.Code.NOT_IMPLEMENTED, "the model left an optional output out");
        }
        api.check(NativeCall.call(api.getValueType, value, out.address()));
        int type = out.get(JAVA_INT, 0);
        return switch (type) {
            case TYPE_TENSOR -> tensor(value);
            case TYPE_SEQUENCE -> sequence(value);
            case TYPE_MAP -> new OnnxValue.Mapping(read(part(value, 0)), read(part(value, 1)));
            default ->
                throw new OnnxException(
                        OnnxException.Code.NOT_IMPLEMENTED, "values of ONNX type " + type + " can't be read");
        };
    }

    /** Lets go of the parts of sequences and maps that were read. */
    void release() {
        if (!parts.isEmpty()) {
            parts.forEach(part -> NativeCall.call(api.releaseValue, part));
            parts.clear();
        }
    }

    private OnnxValue tensor(long value) {
        api.check(NativeCall.call(api.getTensorTypeAndShape, value, out.address()));
        long info = out.get(JAVA_LONG, 0);
        Datatype datatype;
        long[] shape;
        try {
            api.check(NativeCall.call(api.getTensorElementType, info, out.address()));
            datatype = Datatype.ofOnnxCode(out.get(JAVA_INT, 0));
            api.check(NativeCall.call(api.getDimensionsCount, info, out.address()));
            int rank = (int) out.get(JAVA_LONG, 0);
            MemorySegment dimensions = shapeSlot(rank);
            api.check(NativeCall.call(api.getDimensions, info, dimensions.address(), rank));
            shape = new long[rank];
            MemorySegment.copy(dimensions, JAVA_LONG, 0, shape, 0, rank);
        } finally {
            NativeCall.call(api.releaseTensorTypeAndShapeInfo, info);
        }
        long elements = 1;
        for (long dimension : shape) {
            elements *= dimension;
        }
        if (datatype == Datatype.BYTES) {
            return new OnnxValue.Strings(shape, strings(value, (int) elements));
        }
        if (!datatype.isFixedSize()) {
            throw new OnnxException(
                    OnnxException.Code.NOT_IMPLEMENTED, "tensors of this element type can't be read: " + datatype);
        }
        api.check(NativeCall.call(api.getTensorMutableData, value, out.address()));
        MemorySegment data = NativeCall.memory(out.get(JAVA_LONG, 0), elements * datatype.byteSize());
        return new OnnxValue.Numbers(datatype, shape, data);
    }

    private List<byte[]> strings(long value, int count) {
        if (count == 0) {
            return List.of();
        }
        long length = api.out(api.getStringTensorDataLength, value);
        List<byte[]> elements = new ArrayList<>(count);
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment content = scratch.allocate(Math.max(1, length));
            MemorySegment offsets = scratch.allocate(JAVA_LONG, count);
            api.check(NativeCall.call(
                    api.getStringTensorContent, value, content.address(), length, offsets.address(), count));
            for (int i = 0; i < count; i++) {
                long from = offsets.getAtIndex(JAVA_LONG, i);
                long to = i + 1 < count ? offsets.getAtIndex(JAVA_LONG, i + 1) : length;
                elements.add(content.asSlice(from, to - from).toArray(JAVA_BYTE));
            }
        }
        return elements;
    }

    private OnnxValue sequence(long value) {
        long count = api.out(api.getValueCount, value);
        List<OnnxValue> elements = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            elements.add(read(part(value, i)));
        }
        return new OnnxValue.Sequence(elements);
    }

    private long part(long value, int index) {
        api.check(NativeCall.call(api.getValue, value, index, allocator, out.address()));
        long part = out.get(JAVA_LONG, 0);
        parts.add(part);
        return part;
    }
}
