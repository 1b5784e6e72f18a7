package dev.tatara.onnx;

/**
 * Types of elements in the terms of the Open Inference Protocol V2 ({@code name()} is the protocol's spelling), and the
 * kinds of ONNX values that the protocol has no tensor for.
 */
public enum Datatype {
    FP32(1, 4),
    UINT8(2, 1),
    INT8(3, 1),
    UINT16(4, 2),
    INT16(5, 2),
    INT32(6, 4),
    INT64(7, 8),
    /** Strings: ONNX Runtime owns their memory, so there is no size of an element. */
    BYTES(8, 0),
    BOOL(9, 1),
    FP16(10, 2),
    FP64(11, 8),
    UINT32(12, 4),
    UINT64(13, 8),
    BF16(16, 2),
    /** A sequence of values, as scikit-learn classifiers give with zipmap. */
    SEQUENCE(-1, 0),
    /** A map from integers or strings to values. */
    MAP(-2, 0),
    /** Anything else: complex and sub-byte numbers, sparse tensors, optionals, opaque values. */
    OTHER(-3, 0);

    private static final Datatype[] BY_ONNX_CODE = new Datatype[32];

    static {
        for (Datatype datatype : values()) {
            if (datatype.onnxCode > 0) {
                BY_ONNX_CODE[datatype.onnxCode] = datatype;
            }
        }
    }

    private final int onnxCode;
    private final int byteSize;

    Datatype(int onnxCode, int byteSize) {
        this.onnxCode = onnxCode;
        this.byteSize = byteSize;
    }

    /** Bytes per element in memory; 0 for strings and for what isn't a tensor. */
    public int byteSize() {
        return byteSize;
    }

    /** Whether values of this type are tensors that can be fed and read. */
    public boolean isTensor() {
        return onnxCode > 0;
    }

    /** Whether elements are numbers or booleans of a fixed size. */
    public boolean isFixedSize() {
        return byteSize > 0;
    }

    /** The value of TensorProto.DataType. */
    int onnxCode() {
        return onnxCode;
    }

    static Datatype ofOnnxCode(int code) {
        Datatype found = code > 0 && code < BY_ONNX_CODE.length ? BY_ONNX_CODE[code] : null;
        return found == null ? OTHER : found;
    }
}
