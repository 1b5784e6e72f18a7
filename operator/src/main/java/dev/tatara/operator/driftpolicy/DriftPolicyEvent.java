package dev.tatara.operator.driftpolicy;

import dev.tatara.operator.kubernetes.EventReason;

/** Reasons of the events about a DriftPolicy. */
public enum DriftPolicyEvent implements EventReason {
    Breached("Warning", "Evaluate"),
    Recovered("Normal", "Evaluate"),
    EvaluationFailed("Warning", "Evaluate"),
    EvaluationHeldUp("Warning", "Evaluate"),
    NotAccepted("Warning", "Accept"),
    Triggered("Normal", "Trigger"),
    ApprovalAwaited("Normal", "Trigger"),
    Approved("Normal", "Trigger"),
    ApprovalUnknown("Warning", "Trigger"),
    TriggerHandled("Normal", "Trigger"),
    TriggerWithdrawn("Normal", "Trigger"),
    NoConsumer("Warning", "Trigger"),
    ActionHelped("Normal", "Judge"),
    ActionDidNotHelp("Warning", "Judge");

    private final String type;
    private final String action;

    DriftPolicyEvent(String type, String action) {
        this.type = type;
        this.action = action;
    }

    @Override
    public String type() {
        return type;
    }

    @Override
    public String action() {
        return action;
    }
}
