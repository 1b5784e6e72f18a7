package dev.tatara.onnx;

import java.util.Objects;

/** ONNX Runtime refused or failed: its own code and its own words. */
public class OnnxException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The C API's error codes, in its order. */
    public enum Code {
        OK,
        FAIL,
        INVALID_ARGUMENT,
        NO_SUCH_FILE,
        NO_MODEL,
        ENGINE_ERROR,
        RUNTIME_EXCEPTION,
        INVALID_PROTOBUF,
        MODEL_LOADED,
        NOT_IMPLEMENTED,
        INVALID_GRAPH,
        EXECUTION_PROVIDER_FAIL,
        MODEL_LOAD_CANCELED,
        MODEL_REQUIRES_COMPILATION,
        NOT_FOUND,
        UNKNOWN;

        static Code of(int code) {
            Code[] all = values();
            return code >= 0 && code < all.length - 1 ? all[code] : UNKNOWN;
        }
    }

    private final Code code;

    public OnnxException(Code code, String message) {
        super(message);
        this.code = Objects.requireNonNull(code, "code");
    }

    /** What kind of failure ONNX Runtime reported. */
    public Code code() {
        return code;
    }

    /**
     * Whether the model asks for a newer operator set than this ONNX Runtime knows. The C API has no code of its own
     * for that; the words have been stable since 1.0.
     */
    public boolean isUnsupportedOpset() {
        String message = String.valueOf(getMessage());
        return message.contains(
                        "only *guarantees* support for models stamped with official released onnx opset versions")
                || message.contains("Current official support for domain");
    }
}
