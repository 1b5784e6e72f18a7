package dev.tatara.steps.tracking;

import dev.tatara.mlflow.MlflowException;
import dev.tatara.steps.StepFailure;

/** Why a run couldn't be recorded. */
final class Reasons {
    static final String INVALID_DEFINITION = "InvalidDefinition";
    static final String MLFLOW_UNAVAILABLE = "MlflowUnavailable";
    static final String MLFLOW_DENIED = "MlflowDenied";
    static final String MLFLOW_REFUSED = "MlflowRefused";

    private Reasons() {}

    /** Never a rejection: what is wrong with the server, or with what it is allowed, may be mended. */
    static StepFailure of(MlflowException e) {
        return switch (e.kind()) {
            case Unavailable -> StepFailure.failed(MLFLOW_UNAVAILABLE, e.getMessage(), e);
            case Denied -> StepFailure.failed(MLFLOW_DENIED, e.getMessage(), e);
            case NotFound, Exists, Refused -> StepFailure.failed(MLFLOW_REFUSED, e.getMessage(), e);
        };
    }
}
