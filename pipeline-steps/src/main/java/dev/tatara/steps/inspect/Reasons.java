package dev.tatara.steps.inspect;

/** Why a model is rejected or couldn't be inspected; the operator's conditions carry these words. */
final class Reasons {
    static final String DIGEST_MISMATCH = "DigestMismatch";
    static final String NOT_ONNX = "NotOnnx";
    static final String CORRUPT_MODEL = "CorruptModel";
    static final String UNSUPPORTED_OPSET = "UnsupportedOpset";
    static final String UNSUPPORTED_MODEL = "UnsupportedModel";
    static final String MODEL_TOO_LARGE = "ModelTooLarge";
    static final String INSPECTION_TIMED_OUT = "InspectionTimedOut";
    static final String RUNTIME_CRASHED = "RuntimeCrashed";

    private Reasons() {}
}
