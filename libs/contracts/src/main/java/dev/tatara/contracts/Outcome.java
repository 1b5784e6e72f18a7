package dev.tatara.contracts;

/** How a step ended; decides what the operator does next. */
public enum Outcome {
    /** The step did its work. */
    Succeeded,
    /** The input is at fault. Running the same step on the same bytes gives the same answer. */
    Rejected,
    /** Something around the step is at fault (storage away, secret missing). A later attempt may succeed. */
    Failed
}
