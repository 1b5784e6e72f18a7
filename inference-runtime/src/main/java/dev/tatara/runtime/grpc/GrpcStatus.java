package dev.tatara.runtime.grpc;

import dev.tatara.runtime.inference.RequestException;

/** The statuses of gRPC that this server answers with. */
enum GrpcStatus {
    OK(0),
    CANCELLED(1),
    INVALID_ARGUMENT(3),
    DEADLINE_EXCEEDED(4),
    NOT_FOUND(5),
    RESOURCE_EXHAUSTED(8),
    UNIMPLEMENTED(12),
    INTERNAL(13),
    UNAVAILABLE(14);

    private final String code;

    GrpcStatus(int code) {
        this.code = Integer.toString(code);
    }

    /** As in the trailer {@code grpc-status}. */
    String code() {
        return code;
    }

    /** What a failed request is called; HTTP's statuses are what metrics and logs know. */
    static GrpcStatus of(RequestException failure) {
        return of(failure.status());
    }

    /** What an answer with this status of HTTP is called. */
    static GrpcStatus of(int status) {
        return switch (status) {
            case 200 -> OK;
            case 400, 422 -> INVALID_ARGUMENT;
            case 404 -> NOT_FOUND;
            case 413, 429 -> RESOURCE_EXHAUSTED;
            case 405, 415, 501 -> UNIMPLEMENTED;
            case 499 -> CANCELLED;
            case 503 -> UNAVAILABLE;
            case 408, 504 -> DEADLINE_EXCEEDED;
            default -> INTERNAL;
        };
    }
}
