package dev.tatara.steps.drift;

/** Why traffic couldn't be judged; the operator's conditions carry these words. */
final class Reasons {
    static final String INVALID_DEFINITION = "InvalidDefinition";
    static final String CONCURRENT_ROLL_UP = "ConcurrentRollUp";
    static final String REFERENCE_MALFORMED = "ReferenceMalformed";
    static final String DIGEST_MISMATCH = "DigestMismatch";
    static final String LABELS_MALFORMED = "LabelsMalformed";

    private Reasons() {}
}
