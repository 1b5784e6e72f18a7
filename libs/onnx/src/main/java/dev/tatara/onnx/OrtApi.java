package dev.tatara.onnx;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;

/**
 * The functions of ONNX Runtime's {@code struct OrtApi} that are used here. The struct only ever grows at its end, so a
 * function's position holds for all later versions.
 */
final class OrtApi {
    /** The version of the struct that the positions below are taken from; every later library offers it. */
    private static final int API_VERSION = 22;

    private static final int POSITIONS = 253;

    final MemorySegment createEnv;
    final MemorySegment createSession;
    final MemorySegment createSessionFromArray;
    final MemorySegment run;
    final MemorySegment createSessionOptions;
    final MemorySegment setGraphOptimizationLevel;
    final MemorySegment setIntraOpNumThreads;
    final MemorySegment setInterOpNumThreads;
    final MemorySegment sessionGetInputCount;
    final MemorySegment sessionGetOutputCount;
    final MemorySegment sessionGetInputTypeInfo;
    final MemorySegment sessionGetOutputTypeInfo;
    final MemorySegment sessionGetInputName;
    final MemorySegment sessionGetOutputName;
    final MemorySegment createTensorAsOrtValue;
    final MemorySegment createTensorWithDataAsOrtValue;
    final MemorySegment getTensorMutableData;
    final MemorySegment getStringTensorDataLength;
    final MemorySegment getStringTensorContent;
    final MemorySegment castTypeInfoToTensorInfo;
    final MemorySegment getOnnxTypeFromTypeInfo;
    final MemorySegment getTensorElementType;
    final MemorySegment getDimensionsCount;
    final MemorySegment getDimensions;
    final MemorySegment getTensorTypeAndShape;
    final MemorySegment getValueType;
    final MemorySegment createCpuMemoryInfo;
    final MemorySegment allocatorFree;
    final MemorySegment getAllocatorWithDefaultOptions;
    final MemorySegment getValue;
    final MemorySegment getValueCount;
    final MemorySegment releaseEnv;
    final MemorySegment releaseMemoryInfo;
    final MemorySegment releaseSession;
    final MemorySegment releaseValue;
    final MemorySegment releaseTypeInfo;
    final MemorySegment releaseTensorTypeAndShapeInfo;
    final MemorySegment releaseSessionOptions;
    final MemorySegment addSessionConfigEntry;
    final MemorySegment getResizedStringTensorElementBuffer;

    private final MemorySegment getErrorCode;
    private final MemorySegment getErrorMessage;
    private final MemorySegment releaseStatus;
    private final String version;

    OrtApi(SymbolLookup library) {
        MemorySegment base =
                NativeCall.memory(NativeCall.call(library.findOrThrow("OrtGetApiBase")), 2 * ADDRESS.byteSize());
        MemorySegment getApi = base.getAtIndex(ADDRESS, 0);
        version = cString(NativeCall.call(base.getAtIndex(ADDRESS, 1)));
        long address = NativeCall.call(getApi, API_VERSION);
        if (address == 0) {
            throw new OnnxException(
                    OnnxException.Code.NOT_IMPLEMENTED,
                    "ONNX Runtime with C API version " + API_VERSION + " or later is needed, found ONNX Runtime "
                            + version);
        }
        MemorySegment table = NativeCall.memory(address, POSITIONS * ADDRESS.byteSize());
        getErrorCode = table.getAtIndex(ADDRESS, 1);
        getErrorMessage = table.getAtIndex(ADDRESS, 2);
        createEnv = table.getAtIndex(ADDRESS, 3);
        createSession = table.getAtIndex(ADDRESS, 7);
        createSessionFromArray = table.getAtIndex(ADDRESS, 8);
        run = table.getAtIndex(ADDRESS, 9);
        createSessionOptions = table.getAtIndex(ADDRESS, 10);
        setGraphOptimizationLevel = table.getAtIndex(ADDRESS, 23);
        setIntraOpNumThreads = table.getAtIndex(ADDRESS, 24);
        setInterOpNumThreads = table.getAtIndex(ADDRESS, 25);
        sessionGetInputCount = table.getAtIndex(ADDRESS, 30);
        sessionGetOutputCount = table.getAtIndex(ADDRESS, 31);
        sessionGetInputTypeInfo = table.getAtIndex(ADDRESS, 33);
        sessionGetOutputTypeInfo = table.getAtIndex(ADDRESS, 34);
        sessionGetInputName = table.getAtIndex(ADDRESS, 36);
        sessionGetOutputName = table.getAtIndex(ADDRESS, 37);
        createTensorAsOrtValue = table.getAtIndex(ADDRESS, 48);
        createTensorWithDataAsOrtValue = table.getAtIndex(ADDRESS, 49);
        getTensorMutableData = table.getAtIndex(ADDRESS, 51);
        getStringTensorDataLength = table.getAtIndex(ADDRESS, 53);
        getStringTensorContent = table.getAtIndex(ADDRESS, 54);
        castTypeInfoToTensorInfo = table.getAtIndex(ADDRESS, 55);
        getOnnxTypeFromTypeInfo = table.getAtIndex(ADDRESS, 56);
        getTensorElementType = table.getAtIndex(ADDRESS, 60);
        getDimensionsCount = table.getAtIndex(ADDRESS, 61);
        getDimensions = table.getAtIndex(ADDRESS, 62);
        getTensorTypeAndShape = table.getAtIndex(ADDRESS, 65);
        getValueType = table.getAtIndex(ADDRESS, 67);
        createCpuMemoryInfo = table.getAtIndex(ADDRESS, 69);
        allocatorFree = table.getAtIndex(ADDRESS, 76);
        getAllocatorWithDefaultOptions = table.getAtIndex(ADDRESS, 78);
        getValue = table.getAtIndex(ADDRESS, 80);
        getValueCount = table.getAtIndex(ADDRESS, 81);
        releaseEnv = table.getAtIndex(ADDRESS, 92);
        releaseStatus = table.getAtIndex(ADDRESS, 93);
        releaseMemoryInfo = table.getAtIndex(ADDRESS, 94);
        releaseSession = table.getAtIndex(ADDRESS, 95);
        releaseValue = table.getAtIndex(ADDRESS, 96);
        releaseTypeInfo = table.getAtIndex(ADDRESS, 98);
        releaseTensorTypeAndShapeInfo = table.getAtIndex(ADDRESS, 99);
        releaseSessionOptions = table.getAtIndex(ADDRESS, 100);
        addSessionConfigEntry = table.getAtIndex(ADDRESS, 130);
        getResizedStringTensorElementBuffer = table.getAtIndex(ADDRESS, 252);
    }

    String version() {
        return version;
    }

    /** Turns a status other than null into an exception with ONNX Runtime's code and words, and releases it. */
    void check(long status) {
        if (status != 0) {
            throw failure(status);
        }
    }

    private OnnxException failure(long status) {
        try {
            return new OnnxException(
                    OnnxException.Code.of((int) NativeCall.call(getErrorCode, status)),
                    cString(NativeCall.call(getErrorMessage, status)));
        } finally {
            NativeCall.call(releaseStatus, status);
        }
    }

    /** The pointer (or size) that {@code function(subject, out)} writes to its last argument. */
    long out(MemorySegment function, long subject) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_LONG);
            check(NativeCall.call(function, subject, out.address()));
            return out.get(JAVA_LONG, 0);
        }
    }

    static String cString(long address) {
        return address == 0 ? "" : NativeCall.memory(address, Long.MAX_VALUE).getString(0);
    }
}
