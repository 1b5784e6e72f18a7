package dev.tatara.operator.schedule;

/** A schedule that names no times. Its message names the field, what is wrong with it and what would be right. */
public final class InvalidScheduleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InvalidScheduleException(String message) {
        super(message);
    }

    InvalidScheduleException(String message, Throwable cause) {
        super(message, cause);
    }
}
