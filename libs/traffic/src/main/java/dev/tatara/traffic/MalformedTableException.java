package dev.tatara.traffic;

/** Not a table, or not a document with one: what was expected and what was found. */
public final class MalformedTableException extends Exception {
    private static final long serialVersionUID = 1;

    public MalformedTableException(String message) {
        super(message);
    }

    public MalformedTableException(String message, Throwable cause) {
        super(message, cause);
    }
}
