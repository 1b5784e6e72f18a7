package dev.tatara.onnx;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;

/**
 * Runs a session. The arrays that ONNX Runtime reads names and values from are made once; the tensor over a caller's
 * memory is kept as long as the caller feeds the same memory with the same shape.
 */
final class NativeRun implements OnnxCall {
    private final OrtApi api;
    private final NativeModel model;
    private final long session;
    private final Arena arena = Arena.ofShared();
    private final ValueReader reader;
    private final FedInput[] fed;
    private final MemorySegment inputNames;
    private final MemorySegment inputValues;
    private final long[] allOutputNames;
    private final MemorySegment outputNames;
    private final MemorySegment outputValues;
    private final int[] everyOutput;
    private final MemorySegment out;
    private int outputCount;
    private boolean closed;

    NativeRun(OrtApi api, NativeModel model) {
        this.api = api;
        this.model = model;
        this.session = model.session().address();
        int inputs = model.inputs().size();
        int outputs = model.outputs().size();
        fed = new FedInput[inputs];
        inputNames = arena.allocate(JAVA_LONG, Math.max(1, inputs));
        inputValues = arena.allocate(JAVA_LONG, Math.max(1, inputs));
        for (int i = 0; i < inputs; i++) {
            inputNames.setAtIndex(JAVA_LONG, i, name(model.inputs().get(i)));
            fed[i] = new FedInput(model.inputs().get(i));
        }
        allOutputNames = new long[outputs];
        outputNames = arena.allocate(JAVA_LONG, Math.max(1, outputs));
        outputValues = arena.allocate(JAVA_LONG, Math.max(1, outputs));
        everyOutput = new int[outputs];
        for (int i = 0; i < outputs; i++) {
            allOutputNames[i] = name(model.outputs().get(i));
            everyOutput[i] = i;
        }
        out = arena.allocate(JAVA_LONG);
        reader = new ValueReader(api, model.allocator(), arena);
    }

    private long name(ValueInfo value) {
        return arena.allocateFrom(value.name(), StandardCharsets.UTF_8).address();
    }

    /** An input's value and the memory and shape that it was made for. */
    private static final class FedInput {
        private final ValueInfo info;
        private long value;
        private long address;
        private long[] shape = new long[0];

        private FedInput(ValueInfo info) {
            this.info = info;
        }

        private boolean isFor(long wantedAddress, long[] wantedShape, int rank) {
            if (value == 0 || address != wantedAddress || address == 0 || shape.length != rank) {
                return false;
            }
            for (int i = 0; i < rank; i++) {
                if (shape[i] != wantedShape[i]) {
                    return false;
                }
            }
            return true;
        }
    }

    @Override
    public void input(int index, MemorySegment data, long[] shape, int rank) {
        FedInput input = fed[index];
        Datatype datatype = input.info.datatype();
        if (!datatype.isFixedSize()) {
            throw new IllegalArgumentException("input " + input.info.name() + " takes " + datatype + ", not numbers");
        }
        if (!data.isNative()) {
            throw new IllegalArgumentException("input " + input.info.name() + " must be fed from native memory");
        }
        long bytes = bytes(input.info, shape, rank);
        if (bytes > data.byteSize()) {
            throw new OnnxException(
                    OnnxException.Code.INVALID_ARGUMENT,
                    "input " + input.info.name() + " needs " + bytes + " bytes for its shape, got " + data.byteSize());
        }
        if (input.isFor(data.address(), shape, rank)) {
            return;
        }
        release(index);
        MemorySegment dimensions = reader.shapeSlot(rank);
        MemorySegment.copy(shape, 0, dimensions, JAVA_LONG, 0, rank);
        api.check(NativeCall.call(
                api.createTensorWithDataAsOrtValue,
                model.cpuMemory(),
                data.address(),
                bytes,
                dimensions.address(),
                rank,
                datatype.onnxCode(),
                out.address()));
        set(index, out.get(JAVA_LONG, 0));
        input.address = data.address();
        if (input.shape.length != rank) {
            input.shape = new long[rank];
        }
        System.arraycopy(shape, 0, input.shape, 0, rank);
    }

    private static long bytes(ValueInfo info, long[] shape, int rank) {
        return Math.multiplyExact(
                elements(info, shape, rank), (long) info.datatype().byteSize());
    }

    private static long elements(ValueInfo info, long[] shape, int rank) {
        long elements = 1;
        for (int i = 0; i < rank; i++) {
            if (shape[i] < 0) {
                throw new OnnxException(
                        OnnxException.Code.INVALID_ARGUMENT,
                        "input " + info.name() + " has the negative dimension " + shape[i]);
            }
            long high = Math.multiplyHigh(elements, shape[i]);
            elements *= shape[i];
            // Far below where the product with an element's size could overflow, far above any memory.
            if (high != 0 || elements < 0 || elements > 1L << 56) {
                throw new OnnxException(
                        OnnxException.Code.INVALID_ARGUMENT, "input " + info.name() + " has more elements than memory");
            }
        }
        return elements;
    }

    @Override
    public void strings(int index, List<byte[]> elements, long... shape) {
        FedInput input = fed[index];
        if (input.info.datatype() != Datatype.BYTES) {
            throw new IllegalArgumentException(
                    "input " + input.info.name() + " takes " + input.info.datatype() + ", not strings");
        }
        long expected = elements(input.info, shape, shape.length);
        if (expected != elements.size()) {
            throw new IllegalArgumentException("input " + input.info.name() + " has " + expected
                    + " elements by its shape, got " + elements.size());
        }
        release(index);
        MemorySegment dimensions = reader.shapeSlot(shape.length);
        MemorySegment.copy(shape, 0, dimensions, JAVA_LONG, 0, shape.length);
        api.check(NativeCall.call(
                api.createTensorAsOrtValue,
                model.allocator(),
                dimensions.address(),
                shape.length,
                Datatype.BYTES.onnxCode(),
                out.address()));
        long value = out.get(JAVA_LONG, 0);
        set(index, value);
        long position = 0;
        for (byte[] element : elements) {
            api.check(NativeCall.call(
                    api.getResizedStringTensorElementBuffer, value, position++, element.length, out.address()));
            if (element.length > 0) {
                MemorySegment target = NativeCall.memory(out.get(JAVA_LONG, 0), element.length);
                MemorySegment.copy(element, 0, target, JAVA_BYTE, 0, element.length);
            }
        }
    }

    @Override
    public void zeros(long dynamicDimension) {
        for (int i = 0; i < fed.length; i++) {
            ValueInfo info = fed[i].info;
            long[] shape = info.shape().stream()
                    .mapToLong(dimension -> dimension < 0 ? dynamicDimension : dimension)
                    .toArray();
            if (info.datatype() == Datatype.BYTES) {
                int count = Math.toIntExact(elements(info, shape, shape.length));
                strings(i, Collections.nCopies(count, new byte[0]), shape);
            } else if (info.datatype().isFixedSize()) {
                zeros(i, info, shape);
            } else {
                throw new OnnxException(
                        OnnxException.Code.NOT_IMPLEMENTED,
                        "input " + info.name() + " is a " + info.datatype() + ", not a tensor");
            }
        }
    }

    /** Zeros that ONNX Runtime owns, so that they live as long as the value. */
    private void zeros(int index, ValueInfo info, long[] shape) {
        release(index);
        long bytes = bytes(info, shape, shape.length);
        MemorySegment dimensions = reader.shapeSlot(shape.length);
        MemorySegment.copy(shape, 0, dimensions, JAVA_LONG, 0, shape.length);
        api.check(NativeCall.call(
                api.createTensorAsOrtValue,
                model.allocator(),
                dimensions.address(),
                shape.length,
                info.datatype().onnxCode(),
                out.address()));
        long value = out.get(JAVA_LONG, 0);
        set(index, value);
        if (bytes > 0) {
            NativeCall.memory(api.out(api.getTensorMutableData, value), bytes).fill((byte) 0);
        }
    }

    @Override
    public void run() {
        run(everyOutput);
    }

    @Override
    public void run(int[] outputs) {
        releaseOutputs();
        for (int i = 0; i < fed.length; i++) {
            if (fed[i].value == 0) {
                throw new IllegalStateException("input " + fed[i].info.name() + " isn't set");
            }
        }
        if (outputs.length > allOutputNames.length) {
            throw new IllegalArgumentException("more outputs asked for than the model has");
        }
        for (int i = 0; i < outputs.length; i++) {
            outputNames.setAtIndex(JAVA_LONG, i, allOutputNames[outputs[i]]);
            outputValues.setAtIndex(JAVA_LONG, i, 0);
        }
        api.check(NativeCall.call(
                api.run,
                session,
                0,
                inputNames.address(),
                inputValues.address(),
                fed.length,
                outputNames.address(),
                outputs.length,
                outputValues.address()));
        outputCount = outputs.length;
    }

    @Override
    public int outputCount() {
        return outputCount;
    }

    @Override
    public OnnxValue output(int position) {
        if (position < 0 || position >= outputCount) {
            throw new IndexOutOfBoundsException("output " + position + " of " + outputCount);
        }
        return reader.read(outputValues.getAtIndex(JAVA_LONG, position));
    }

    @Override
    public void clear() {
        releaseOutputs();
        for (int i = 0; i < fed.length; i++) {
            release(i);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            clear();
            arena.close();
            model.session().release();
        }
    }

    private void set(int index, long value) {
        fed[index].value = value;
        inputValues.setAtIndex(JAVA_LONG, index, value);
    }

    private void release(int index) {
        FedInput input = fed[index];
        if (input.value != 0) {
            NativeCall.call(api.releaseValue, input.value);
            input.value = 0;
            input.address = 0;
        }
    }

    private void releaseOutputs() {
        reader.release();
        for (int i = 0; i < outputCount; i++) {
            long value = outputValues.getAtIndex(JAVA_LONG, i);
            if (value != 0) {
                NativeCall.call(api.releaseValue, value);
            }
        }
        outputCount = 0;
    }
}
