package dev.tatara.operator.modelversion;

import dev.tatara.operator.kubernetes.EventReason;

/** Reasons of the events about a ModelVersion. */
public enum ModelVersionEvent implements EventReason {
    VerificationStarted("Normal", "Verify"),
    Verified("Normal", "Verify"),
    Rejected("Warning", "Verify"),
    VerificationFailed("Warning", "Verify"),
    VerificationHeldUp("Warning", "Verify"),
    GatesFailed("Warning", "JudgeGates"),
    AwaitingApproval("Normal", "AwaitApproval"),
    Approved("Normal", "AwaitApproval"),
    StageChanged("Normal", "ElectStage"),
    Quarantined("Warning", "Quarantine"),
    Released("Normal", "Release"),
    DeletionHeldBack("Warning", "Delete");

    private final String type;
    private final String action;

    ModelVersionEvent(String type, String action) {
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
