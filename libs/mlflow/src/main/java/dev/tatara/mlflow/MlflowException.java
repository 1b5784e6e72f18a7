package dev.tatara.mlflow;

import java.io.IOException;

/**
 * Why MLflow didn't do what it was asked. The message says what was expected, what was found and what to do, and never
 * carries a secret.
 */
public final class MlflowException extends IOException {
    /** What kind of failure it is; decides who has to act. */
    public enum Kind {
        /** The server can't be reached, answers with a server error or too late. Trying later may help. */
        Unavailable,
        /** The server knows us (or not) and refuses; or the credentials themselves can't be read. */
        Denied,
        /** The server has no such run, model, version, alias or artifact. */
        NotFound,
        /** The server has something of that name already. */
        Exists,
        /** The server understood and says no, or isn't an MLflow server. */
        Refused
    }

    private final Kind kind;

    public MlflowException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public MlflowException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
