package dev.tatara.traffic;

/** Whoever signed this has not the key that is expected. */
public final class BadSignatureException extends Exception {
    private static final long serialVersionUID = 1;

    public BadSignatureException(String message) {
        super(message);
    }

    public BadSignatureException(String message, Throwable cause) {
        super(message, cause);
    }
}
