package dev.tatara.steps.materialize;

/** Why a materialization is rejected or failed; the operator's conditions carry these words. */
final class Reasons {
    static final String INVALID_DEFINITION = "InvalidDefinition";
    static final String CHECKS_FAILED = "ChecksFailed";
    static final String COLUMNS_MISSING = "ColumnsMissing";
    static final String VALUES_DO_NOT_FIT = "ValuesDoNotFit";
    static final String KEYS_MISSING = "KeysMissing";
    static final String TRANSFORMATION_FAILED = "TransformationFailed";
    static final String SOURCE_UNREADABLE_AS_ROWS = "SourceMalformed";
    static final String SOURCE_NOT_FOUND = "SourceNotFound";
    static final String SOURCE_UNAVAILABLE = "SourceUnavailable";

    private Reasons() {}
}
