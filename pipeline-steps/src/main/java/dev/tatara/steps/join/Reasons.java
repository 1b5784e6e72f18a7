package dev.tatara.steps.join;

/** Why a join is rejected or failed; the operator's conditions carry these words. */
final class Reasons {
    static final String INVALID_DEFINITION = "InvalidDefinition";
    static final String COLUMNS_MISSING = "ColumnsMissing";
    static final String COLUMNS_AMBIGUOUS = "ColumnsAmbiguous";
    static final String VALUES_DO_NOT_FIT = "ValuesDoNotFit";
    static final String ENTITIES_MALFORMED = "EntitiesMalformed";
    static final String NO_ROWS = "NoRows";
    static final String TOO_FEW_ROWS = "TooFewRows";
    static final String NO_SNAPSHOT = "NoSnapshot";
    static final String SNAPSHOT_OUTDATED = "SnapshotOutdated";

    private Reasons() {}
}
