package dev.tatara.onnx;

/** The bytes aren't a whole ONNX model. */
public final class ModelFormatException extends Exception {
    private static final long serialVersionUID = 1;

    /** What is wrong with them. */
    public enum Kind {
        /** Something else altogether. */
        NOT_ONNX,
        /** The beginning of an ONNX model. */
        TRUNCATED,
        /** An ONNX model with damage inside. */
        CORRUPT
    }

    private final Kind kind;

    private ModelFormatException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    static ModelFormatException notOnnx(String message) {
        return new ModelFormatException(Kind.NOT_ONNX, message);
    }

    static ModelFormatException truncated(String message) {
        return new ModelFormatException(Kind.TRUNCATED, message);
    }

    static ModelFormatException corrupt(String message) {
        return new ModelFormatException(Kind.CORRUPT, message);
    }

    /** What is wrong. */
    public Kind kind() {
        return kind;
    }
}
