package dev.tatara.runtime.inference;

/** A request that can't be answered as asked. The message is for the client. */
public final class RequestException extends Exception {
    private static final long serialVersionUID = 1;

    private final int status;
    private final int retryAfterSeconds;

    /**
     * @param status HTTP status: 4xx for what the client did, 503 and 504 for what the server can't do now
     */
    public RequestException(int status, String message) {
        this(status, message, status == 503 || status == 429 ? 1 : 0);
    }

    /**
     * @param retryAfterSeconds when it is worth while to try again, for the header Retry-After; 0 says nothing
     */
    public RequestException(int status, String message, int retryAfterSeconds) {
        super(message, null, false, false);
        this.status = status;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    /** The client's mistake. */
    public static RequestException bad(String message) {
        return new RequestException(400, message);
    }

    public int status() {
        return status;
    }

    /** Seconds for the header Retry-After, 0 for none. */
    public int retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
