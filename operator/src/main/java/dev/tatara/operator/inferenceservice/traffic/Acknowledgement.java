package dev.tatara.operator.inferenceservice.traffic;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletionException;

/** What came of telling a pod a table. */
sealed interface Acknowledgement {
    /** Reason where a pod that serves can't be told. */
    String POD_UNREACHABLE = "PodUnreachable";

    /** Reason where a pod that serves doesn't take what it is told. */
    String POD_REFUSES = "PodRefuses";

    /** It obeys this generation. */
    record InForce(long generation) implements Acknowledgement {}

    /** It obeys a table that was made before, and that whoever made this one didn't know of. */
    record Ahead(long generation) implements Acknowledgement {}

    /**
     * It doesn't know.
     *
     * @param reason fit for a condition
     * @param absent whether nobody listens there at all
     * @param message what happened and what helps
     */
    record Failed(String reason, boolean absent, String message) implements Acknowledgement {}

    ObjectMapper JSON = new ObjectMapper();

    /** What a pod's answer means, or that there is none. */
    static Acknowledgement of(long generation, HttpResponse<byte[]> response, Throwable failure) {
        if (failure != null) {
            return unreachable(failure);
        }
        return switch (response.statusCode()) {
            case HttpURLConnection.HTTP_OK -> {
                var inForce = generation(response.body());
                yield inForce == generation
                        ? new InForce(inForce)
                        : refused("answers with generation " + inForce + " when it is told " + generation);
            }
            case HttpURLConnection.HTTP_CONFLICT -> {
                var inForce = generation(response.body());
                yield inForce >= generation
                        ? new Ahead(inForce)
                        : refused("refuses generation " + generation + " although it has only " + inForce);
            }
            case HttpURLConnection.HTTP_FORBIDDEN ->
                refused(
                        "doesn't accept the signature: it began with another key; restart it, so that it gets this one");
            default -> refused("answers " + response.statusCode());
        };
    }

    private static Acknowledgement unreachable(Throwable failure) {
        var cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        // The platform doesn't tell a connection that is refused from one that comes to nothing but by its type.
        var refused = cause instanceof ConnectException && !(cause instanceof HttpConnectTimeoutException);
        return new Failed(
                POD_UNREACHABLE,
                refused,
                "can't be reached ("
                        + (cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage())
                        + "); let the operator in where a NetworkPolicy keeps it out");
    }

    private static Acknowledgement refused(String message) {
        return new Failed(POD_REFUSES, false, message);
    }

    private static long generation(byte[] body) {
        try {
            return JSON.readValue(body, JsonNode.class).path("generation").asLong();
        } catch (JacksonException e) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
