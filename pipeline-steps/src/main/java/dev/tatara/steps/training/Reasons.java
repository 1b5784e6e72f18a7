package dev.tatara.steps.training;

/** Why data or output is rejected or a step failed; the operator's conditions carry these words. */
final class Reasons {
    static final String INVALID_DEFINITION = "InvalidDefinition";
    static final String LABEL_UNUSABLE = "LabelUnusable";
    static final String VALUES_DO_NOT_FIT = "ValuesDoNotFit";
    static final String CHECKS_FAILED = "ChecksFailed";
    static final String DATASET_MISSING = "DatasetMissing";
    static final String DATASET_DAMAGED = "DatasetDamaged";
    static final String SOURCE_NOT_FOUND = "SourceNotFound";
    static final String MODEL_MISSING = "ModelMissing";
    static final String EMPTY_MODEL = "EmptyModel";
    static final String MODEL_TOO_LARGE = "ModelTooLarge";
    static final String NOT_ONNX = "NotOnnx";
    static final String CORRUPT_MODEL = "CorruptModel";
    static final String UNSUPPORTED_MODEL = "UnsupportedModel";
    static final String METRICS_MALFORMED = "MetricsMalformed";
    static final String STORE_DAMAGED = "StoreDamaged";

    private Reasons() {}
}
