package dev.tatara.mlflow;

import dev.tatara.mlflow.MlflowException.Kind;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * How to reach an MLflow server and how long to try.
 *
 * @param server its address, {@code http} or {@code https}, with the path it is served below where there is one
 * @param credentials folder with one file per key (a mounted Secret): {@code token}, or {@code username} and
 *     {@code password}, and {@code ca.crt}; {@code null}: none
 * @param secretName how messages call that folder; {@code null}: by its path
 * @param connectTimeout to open a connection
 * @param answerTimeout for a whole answer, to its last byte
 * @param transferTimeout for a whole upload
 * @param attempts how often a request that may be repeated is tried when the server is away
 * @param backoffBase first pause between two attempts; doubled each time
 * @param backoffMax longest pause between two attempts
 */
public record MlflowSettings(
        URI server,
        Path credentials,
        String secretName,
        Duration connectTimeout,
        Duration answerTimeout,
        Duration transferTimeout,
        int attempts,
        Duration backoffBase,
        Duration backoffMax) {
    public MlflowSettings {
        Objects.requireNonNull(server, "server");
        Objects.requireNonNull(connectTimeout, "connectTimeout");
        Objects.requireNonNull(answerTimeout, "answerTimeout");
        Objects.requireNonNull(transferTimeout, "transferTimeout");
        Objects.requireNonNull(backoffBase, "backoffBase");
        Objects.requireNonNull(backoffMax, "backoffMax");
        if (attempts < 1) {
            throw new IllegalArgumentException("expected at least one attempt, found: " + attempts);
        }
    }

    /**
     * Four attempts within about half a minute where nothing listens; no credentials.
     *
     * @param server for example {@code http://mlflow:5000}
     * @throws MlflowException of kind {@link Kind#Refused} where that is no address of a server
     */
    public static MlflowSettings of(String server) throws MlflowException {
        return new MlflowSettings(
                address(server),
                null,
                null,
                Duration.ofSeconds(5),
                Duration.ofSeconds(60),
                Duration.ofMinutes(30),
                4,
                Duration.ofMillis(500),
                Duration.ofSeconds(10));
    }

    /** With credentials from a folder; the name (may be {@code null}) is how messages call it. */
    public MlflowSettings withCredentials(Path folder, String secret) {
        return new MlflowSettings(
                server,
                folder,
                secret,
                connectTimeout,
                answerTimeout,
                transferTimeout,
                attempts,
                backoffBase,
                backoffMax);
    }

    public MlflowSettings withTimeouts(Duration connect, Duration answer, Duration transfer) {
        return new MlflowSettings(
                server, credentials, secretName, connect, answer, transfer, attempts, backoffBase, backoffMax);
    }

    public MlflowSettings withRetries(int number, Duration base, Duration max) {
        return new MlflowSettings(
                server, credentials, secretName, connectTimeout, answerTimeout, transferTimeout, number, base, max);
    }

    private static URI address(String text) throws MlflowException {
        try {
            var uri = new URI(text.strip().replaceFirst("/+$", ""));
            if (uri.getHost() == null || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                throw new MlflowException(
                        Kind.Refused,
                        "expected the address of an MLflow server such as http://mlflow:5000, found: " + shown(text));
            }
            if (uri.getRawUserInfo() != null) {
                throw new MlflowException(
                        Kind.Refused,
                        "a user and password don't belong into the address of MLflow; put them into the Secret under the"
                                + " keys username and password: " + shown(text));
            }
            if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
                throw new MlflowException(
                        Kind.Refused, "expected an address of MLflow without ? and #, found: " + shown(text));
            }
            return uri;
        } catch (URISyntaxException e) {
            throw new MlflowException(Kind.Refused, "not a valid address of an MLflow server: " + shown(text), e);
        }
    }

    private static String shown(String text) {
        return text.replaceFirst("//[^/@]*@", "//").replaceFirst("[?#].*", "");
    }
}
