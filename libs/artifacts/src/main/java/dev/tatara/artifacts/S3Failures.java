package dev.tatara.artifacts;

import dev.tatara.artifacts.ArtifactException.Kind;
import java.io.IOException;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** The SDK's exceptions in our kinds and words. */
record S3Failures(S3Connection connection) {
    private static final Set<String> CREDENTIALS_REFUSED = Set.of(
            "InvalidAccessKeyId",
            "SignatureDoesNotMatch",
            "ExpiredToken",
            "InvalidToken",
            "TokenRefreshRequired",
            "AuthorizationHeaderMalformed");

    ArtifactException of(ArtifactUri uri, SdkException e) {
        return switch (e) {
            case S3Exception answer -> ofAnswer(uri, answer);
            case SdkClientException client -> ofClient(uri, client);
            default -> new ArtifactException(Kind.Unavailable, uri + ": " + e.getMessage(), e);
        };
    }

    private ArtifactException ofAnswer(ArtifactUri uri, S3Exception e) {
        var code = code(e);
        var found = connection.describe() + " answered " + e.statusCode() + (code.isEmpty() ? "" : " " + code);
        if (code.equals("NoSuchBucket")) {
            return new ArtifactException(
                    Kind.NotFound,
                    "the bucket of " + uri + " doesn't exist; " + found + ". Create it or fix the URI",
                    e);
        }
        if (CREDENTIALS_REFUSED.contains(code)) {
            return new ArtifactException(
                    Kind.AccessDenied,
                    "%s to the request for %s (%s); check the keys in %s".formatted(found, uri, words(e), whose()),
                    e);
        }
        return switch (e.statusCode()) {
            case 404 -> new ArtifactException(Kind.NotFound, "expected an object at " + uri + "; " + found, e);
            case 401, 403 ->
                new ArtifactException(
                        Kind.AccessDenied,
                        "%s to the request for %s; may %s do that?".formatted(found, uri, whose()),
                        e);
            case 301, 307, 308 ->
                new ArtifactException(
                        Kind.AccessDenied,
                        found + " to the request for " + uri + ": the bucket lies in another region; set AWS_REGION in "
                                + whose(),
                        e);
            default ->
                new ArtifactException(
                        isOfTheServer(e) ? Kind.Unavailable : Kind.AccessDenied,
                        "%s to the request for %s (%s)".formatted(found, uri, words(e)),
                        e);
        };
    }

    private ArtifactException ofClient(ArtifactUri uri, SdkClientException e) {
        var text = String.valueOf(e.getMessage());
        if (text.contains("Unable to load credentials")) {
            return new ArtifactException(
                    Kind.CredentialsMissing,
                    "%s needs credentials: name a Secret with the keys %s and %s, or set the environment variables"
                                    .formatted(uri, SecretFiles.ACCESS_KEY_ID, SecretFiles.SECRET_ACCESS_KEY)
                            + " of the same names",
                    e);
        }
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof ArtifactException known) {
                return known;
            }
            if (cause instanceof IOException io) {
                return new ArtifactException(
                        Kind.Unavailable, connection.describe() + ", for " + uri + ": " + Failures.words(io), e);
            }
        }
        return new ArtifactException(Kind.Unavailable, connection.describe() + ", for " + uri + ": " + text, e);
    }

    /** Overload, a fault of its own, or an answer that was garbled on its way. */
    private static boolean isOfTheServer(S3Exception e) {
        return e.statusCode() >= 500 || e.statusCode() < 300 || e.statusCode() == 429 || e.isThrottlingException();
    }

    static String code(S3Exception e) {
        AwsErrorDetails details = e.awsErrorDetails();
        return details == null || details.errorCode() == null ? "" : details.errorCode();
    }

    private static String words(S3Exception e) {
        AwsErrorDetails details = e.awsErrorDetails();
        return details == null || details.errorMessage() == null ? "no further words" : details.errorMessage();
    }

    private String whose() {
        return connection.secret().isGiven() ? connection.secret().describe() : "the credentials of the environment";
    }
}
