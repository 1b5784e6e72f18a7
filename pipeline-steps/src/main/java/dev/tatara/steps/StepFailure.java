package dev.tatara.steps;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.StepResult;

/** The step ends here, and not well. */
public final class StepFailure extends Exception {
    /** The input can't be read by an address of this kind. */
    public static final String UNSUPPORTED_SCHEME = "UnsupportedScheme";

    private final Outcome outcome;
    private final String reason;

    private StepFailure(Outcome outcome, String reason, String message, Throwable cause) {
        super(message, cause);
        this.outcome = outcome;
        this.reason = reason;
    }

    /** The input is at fault. */
    public static StepFailure rejected(String reason, String message) {
        return new StepFailure(Outcome.Rejected, reason, message, null);
    }

    /** Something around the step is at fault. */
    public static StepFailure failed(String reason, String message, Throwable cause) {
        return new StepFailure(Outcome.Failed, reason, message, cause);
    }

    /** Reading the step's input went wrong. */
    public static StepFailure ofSource(ArtifactException e) {
        return switch (e.kind()) {
            case NotFound -> failed("SourceNotFound", e.getMessage(), e);
            case AccessDenied -> failed("SourceUnreadable", e.getMessage(), e);
            case Unavailable -> failed("SourceUnavailable", e.getMessage(), e);
            case TooLarge -> rejected("SourceTooLarge", e.getMessage());
            case CredentialsMissing -> failed("SecretMissing", e.getMessage(), e);
            case Unsupported -> failed(UNSUPPORTED_SCHEME, e.getMessage(), e);
            case Local -> ofWorkspace(e);
        };
    }

    /** Reading or writing the artifact store went wrong. */
    public static StepFailure ofStore(ArtifactException e) {
        return switch (e.kind()) {
            case AccessDenied -> failed("StoreAccessDenied", "artifact store: " + e.getMessage(), e);
            case NotFound, Unavailable, TooLarge -> failed("StoreUnavailable", "artifact store: " + e.getMessage(), e);
            case CredentialsMissing -> failed("SecretMissing", "artifact store: " + e.getMessage(), e);
            case Unsupported -> failed(UNSUPPORTED_SCHEME, "artifact store: " + e.getMessage(), e);
            case Local -> ofWorkspace(e);
        };
    }

    /** This machine's own disk went wrong. */
    public static StepFailure ofWorkspace(Exception e) {
        return failed(
                "WorkspaceFailed",
                e.getMessage() + "; give the step's pod more ephemeral storage, or set TMPDIR to a larger disk",
                e);
    }

    public Outcome outcome() {
        return outcome;
    }

    public String reason() {
        return reason;
    }

    /** This end as a result without findings. */
    public <D> StepResult<D> asResult(String step) {
        return new StepResult<>(StepResult.SCHEMA, step, outcome, reason, getMessage(), null);
    }
}
