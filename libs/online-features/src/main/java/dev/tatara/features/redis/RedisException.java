package dev.tatara.features.redis;

import java.io.IOException;

/**
 * Why Redis couldn't be read or written. The message says what was expected, what was found and what to do, and never
 * carries a password or a value.
 */
public final class RedisException extends IOException {
    /** What kind of failure it is; decides who has to act. */
    public enum Kind {
        /** Nobody answers, the connection breaks, or Redis says that it can't at the moment. Trying later may help. */
        Unavailable("RedisUnavailable"),
        /** Redis refuses the password, the user or one of the commands. */
        AccessDenied("RedisAccessDenied"),
        /** The Secret is missing or incomplete, or has something in it that can't be understood. */
        CredentialsMissing("SecretMissing"),
        /** Redis has no memory left and may not forget anything. */
        Full("RedisFull"),
        /** It is no Redis of the kind that is needed, or keys of the project hold something else. */
        Unsuitable("RedisUnsuitable");

        private final String reason;

        Kind(String reason) {
            this.reason = reason;
        }

        /** One word for conditions and results of steps. */
        public String reason() {
            return reason;
        }
    }

    private final Kind kind;

    public RedisException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public RedisException(Kind kind, String message, Throwable cause) {
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
