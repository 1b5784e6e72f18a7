package dev.tatara.runtime.inference;

/** A request that can't be answered as asked. The message is for the client. */
public final class RequestException extends Exception {
    private static final long serialVersionUID = 1;

    private final int status;

    /**
     * @param status HTTP status: 4xx for what the client did, 503 and 504 for what the server can't do now
     */
    public RequestException(int status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    /** The client's mistake. */
    public static RequestException bad(String message) {
        return new RequestException(400, message);
    }

    public int status() {
        return status;
    }
}
