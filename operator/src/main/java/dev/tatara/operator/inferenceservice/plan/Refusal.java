package dev.tatara.operator.inferenceservice.plan;

/**
 * Why a specification can't be honoured as it stands.
 *
 * @param reason fit for a condition
 * @param message what is wrong and what to do instead
 */
public record Refusal(String reason, String message) {
    /** A field or value that the schema has and this version of the operator hasn't. */
    public static final String NOT_SUPPORTED = "NotSupported";

    /** A pod template that sets what isn't the user's to set, or that the API server refuses. */
    public static final String INVALID_POD_TEMPLATE = "InvalidPodTemplate";

    /** An experiment, and nobody writes down who was answered. */
    public static final String LEDGER_NEEDED = "LedgerNeeded";

    /** An object is needed under a name that is taken. */
    public static final String NAME_TAKEN = "NameTaken";
}
