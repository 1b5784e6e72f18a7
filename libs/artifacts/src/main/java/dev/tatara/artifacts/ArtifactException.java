package dev.tatara.artifacts;

import java.io.IOException;

/**
 * Why an artifact couldn't be read or written. The message says what was expected, what was found and what to do, and
 * never carries a secret.
 */
public final class ArtifactException extends IOException {
    /** What kind of failure it is; decides who has to act. */
    public enum Kind {
        /** The object, the file or the whole bucket doesn't exist. */
        NotFound,
        /** The other side knows us (or not) and refuses. */
        AccessDenied,
        /** The other side can't be reached, answers with a server error or breaks off. Trying later may help. */
        Unavailable,
        /** More bytes than the caller allows. */
        TooLarge,
        /** Credentials are needed and there are none. */
        CredentialsMissing,
        /** A scheme or an operation that isn't supported, or an address that isn't allowed. */
        Unsupported,
        /** This machine's side of the transfer failed: the target's disk is full or read-only. */
        Local
    }

    private final Kind kind;

    public ArtifactException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public ArtifactException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** Whether the same call may succeed later without anybody changing anything. */
    public boolean isRetryable() {
        return kind == Kind.Unavailable;
    }
}
