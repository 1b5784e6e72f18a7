package dev.tatara.mlflow;

import java.util.Arrays;

/** The state of a run, in MLflow's words. */
public enum RunStatus {
    RUNNING,
    SCHEDULED,
    FINISHED,
    FAILED,
    KILLED;

    static RunStatus of(String word) {
        return Arrays.stream(values())
                .filter(status -> status.name().equals(word))
                .findFirst()
                .orElse(RUNNING);
    }

    /** Whether the run is over. */
    public boolean isEnd() {
        return this == FINISHED || this == FAILED || this == KILLED;
    }
}
