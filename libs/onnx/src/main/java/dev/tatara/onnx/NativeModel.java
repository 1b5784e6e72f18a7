package dev.tatara.onnx;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A session of ONNX Runtime. */
final class NativeModel implements OnnxModel {
    private static final int TYPE_TENSOR = 1;
    private static final int TYPE_SEQUENCE = 2;
    private static final int TYPE_MAP = 3;

    private final OrtApi api;
    private final SharedHandle session;
    private final long cpuMemory;
    private final long allocator;
    private final List<ValueInfo> inputs;
    private final List<ValueInfo> outputs;
    private boolean closed;

    NativeModel(OrtApi api, SharedHandle session, long cpuMemory, long allocator) {
        this.api = api;
        this.session = session;
        this.cpuMemory = cpuMemory;
        this.allocator = allocator;
        inputs = describe(api.sessionGetInputCount, api.sessionGetInputName, api.sessionGetInputTypeInfo);
        outputs = describe(api.sessionGetOutputCount, api.sessionGetOutputName, api.sessionGetOutputTypeInfo);
    }

    @Override
    public List<ValueInfo> inputs() {
        return inputs;
    }

    @Override
    public List<ValueInfo> outputs() {
        return outputs;
    }

    @Override
    public OnnxCall newCall() {
        session.acquire("the model");
        return new NativeRun(api, this);
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            session.release();
        }
    }

    SharedHandle session() {
        return session;
    }

    long cpuMemory() {
        return cpuMemory;
    }

    long allocator() {
        return allocator;
    }

    private List<ValueInfo> describe(MemorySegment count, MemorySegment name, MemorySegment typeInfo) {
        long size = api.out(count, session.address());
        List<ValueInfo> described = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_LONG);
            for (long i = 0; i < size; i++) {
                api.check(NativeCall.call(name, session.address(), i, allocator, out.address()));
                long chars = out.get(JAVA_LONG, 0);
                String text = OrtApi.cString(chars);
                api.check(NativeCall.call(api.allocatorFree, allocator, chars));
                api.check(NativeCall.call(typeInfo, session.address(), i, out.address()));
                long info = out.get(JAVA_LONG, 0);
                try {
                    described.add(describe(text, info, arena));
                } finally {
                    NativeCall.call(api.releaseTypeInfo, info);
                }
            }
        }
        return List.copyOf(described);
    }

    private ValueInfo describe(String name, long typeInfo, Arena arena) {
        return switch ((int) api.out(api.getOnnxTypeFromTypeInfo, typeInfo)) {
            case TYPE_TENSOR -> tensor(name, api.out(api.castTypeInfoToTensorInfo, typeInfo), arena);
            case TYPE_SEQUENCE -> new ValueInfo(name, Datatype.SEQUENCE, List.of());
            case TYPE_MAP -> new ValueInfo(name, Datatype.MAP, List.of());
            default -> new ValueInfo(name, Datatype.OTHER, List.of());
        };
    }

    private ValueInfo tensor(String name, long shapeInfo, Arena arena) {
        MemorySegment type = arena.allocate(JAVA_INT);
        api.check(NativeCall.call(api.getTensorElementType, shapeInfo, type.address()));
        long rank = api.out(api.getDimensionsCount, shapeInfo);
        MemorySegment dimensions = arena.allocate(JAVA_LONG, Math.max(1, rank));
        api.check(NativeCall.call(api.getDimensions, shapeInfo, dimensions.address(), rank));
        List<Long> shape = new ArrayList<>();
        for (long i = 0; i < rank; i++) {
            shape.add(Math.max(-1, dimensions.getAtIndex(JAVA_LONG, i)));
        }
        return new ValueInfo(name, Datatype.ofOnnxCode(type.get(JAVA_INT, 0)), shape);
    }
}
