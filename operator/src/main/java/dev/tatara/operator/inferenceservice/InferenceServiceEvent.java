package dev.tatara.operator.inferenceservice;

import dev.tatara.operator.kubernetes.EventReason;

/** What is told about a service. */
enum InferenceServiceEvent implements EventReason {
    RolloutStarted("Normal", "Rollout"),
    TrafficShifted("Normal", "Rollout"),
    StepStarted("Normal", "Rollout"),
    RolloutPaused("Normal", "Rollout"),
    RolloutResumed("Normal", "Rollout"),
    CheckFailed("Warning", "Analyze"),
    PodUnreachable("Warning", "Rollout"),
    OrderRefused("Warning", "Rollout"),
    RejectionLifted("Normal", "Rollout"),
    Promoted("Normal", "Rollout"),
    RolloutAborted("Normal", "Rollout"),
    RolloutSuperseded("Normal", "Rollout"),
    RolledBack("Warning", "Rollback"),
    RollbackRefused("Warning", "Rollback"),
    ProgressDeadlineExceeded("Warning", "Rollout"),
    Ready("Normal", "Serve"),
    NotReady("Warning", "Serve"),
    Waiting("Normal", "ChooseModel"),
    Refused("Warning", "Accept");

    private final String type;
    private final String action;

    InferenceServiceEvent(String type, String action) {
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
