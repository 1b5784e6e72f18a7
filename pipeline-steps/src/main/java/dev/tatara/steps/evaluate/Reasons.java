package dev.tatara.steps.evaluate;

/** Why a model doesn't pass or couldn't be judged; the operator's conditions carry these words. */
final class Reasons {
    static final String GATES_FAILED = "GatesFailed";
    static final String INVALID_DEFINITION = "InvalidDefinition";
    static final String UNREADABLE_DATA = "UnreadableData";
    static final String NO_ROWS = "NoRows";
    static final String COLUMNS_MISMATCH = "ColumnsMismatch";
    static final String LABEL_MISMATCH = "LabelMismatch";
    static final String UNSUPPORTED_MODEL = "UnsupportedModel";
    static final String MODEL_FAILED = "ModelFailed";
    static final String RUNTIME_CRASHED = "RuntimeCrashed";

    private Reasons() {}
}
