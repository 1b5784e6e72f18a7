package dev.tatara.api.v1alpha1.common;

/** How an attempt at a step ended: Rejected where what it was given is at fault, Failed where something around it is. */
@ApiEnum
public enum StepOutcome {
    Succeeded,
    Rejected,
    Failed
}
