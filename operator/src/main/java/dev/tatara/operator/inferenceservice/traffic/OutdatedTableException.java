package dev.tatara.operator.inferenceservice.traffic;

/** Somebody else has written the table since it was read: look again, and decide again. */
public final class OutdatedTableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutdatedTableException(String message, Throwable cause) {
        super(message, cause);
    }
}
