package dev.tatara.runtime.model;

/** The model can't be served. The message is one line for the people who run the service. */
public final class ModelUnavailableException extends Exception {
    private static final long serialVersionUID = 1;

    public ModelUnavailableException(String message) {
        super(message);
    }

    public ModelUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
