package dev.tatara.operator.trainingjob.plan;

import dev.tatara.operator.kubernetes.EventReason;

/** Reasons of the events about a TrainingJob. */
public enum TrainingJobEvent implements EventReason {
    RunAwaits("Normal", "StartRun"),
    RunStarted("Normal", "StartRun"),
    StepSucceeded("Normal", "RunStep"),
    StepFailed("Warning", "RunStep"),
    StepHeldUp("Warning", "RunStep"),
    ChecksFailed("Warning", "CheckRows"),
    Registered("Normal", "Register"),
    GatesFailed("Warning", "Evaluate"),
    DataRejected("Warning", "CheckRows"),
    RunFailed("Warning", "EndRun"),
    RunCancelled("Normal", "EndRun"),
    RunSuspended("Normal", "SuspendRun"),
    TrackingBehind("Warning", "Track"),
    TrackingAbandoned("Warning", "Track"),
    NotAccepted("Warning", "Accept"),
    CancelRefused("Warning", "CancelRun");

    private final String type;
    private final String action;

    TrainingJobEvent(String type, String action) {
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
