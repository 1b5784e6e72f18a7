package dev.tatara.operator.alerts;

import java.net.HttpURLConnection;

/** A post that can't be taken, now or later. */
final class RefusedPost extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;

    private RefusedPost(int status, String message) {
        super(message);
        this.status = status;
    }

    static RefusedPost malformed(String message) {
        return new RefusedPost(HttpURLConnection.HTTP_BAD_REQUEST, message);
    }

    static RefusedPost tooLarge(String message) {
        return new RefusedPost(HttpURLConnection.HTTP_ENTITY_TOO_LARGE, message);
    }

    /** The answer's status. */
    int status() {
        return status;
    }
}
