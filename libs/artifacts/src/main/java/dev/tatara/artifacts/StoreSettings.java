package dev.tatara.artifacts;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * How to reach a store and how long to try.
 *
 * @param credentials folder with one file per key (a mounted Secret), re-read on change; {@code null}: the environment
 *     and what the AWS SDK finds by default
 * @param secretName how messages call that folder; {@code null}: by its path
 * @param endpoint where S3 is spoken, unless the credentials carry {@code AWS_ENDPOINT_URL}; {@code null}: the
 *     environment's, else AWS
 * @param region S3 region, unless the credentials carry {@code AWS_REGION}; {@code null}: the environment's, else
 *     us-east-1
 * @param connectTimeout to open a connection
 * @param readTimeout longest silence in the middle of a transfer
 * @param transferTimeout for one whole download or upload, retries included
 * @param attempts how often a request is tried when the other side is away
 * @param backoffBase first pause between two attempts; doubled each time, with jitter
 * @param backoffMax longest pause between two attempts
 * @param allowLinkLocal whether https sources may lie on link-local addresses, where clouds keep their instance
 *     metadata
 */
public record StoreSettings(
        Path credentials,
        String secretName,
        URI endpoint,
        String region,
        Duration connectTimeout,
        Duration readTimeout,
        Duration transferTimeout,
        int attempts,
        Duration backoffBase,
        Duration backoffMax,
        boolean allowLinkLocal) {
    public StoreSettings {
        Objects.requireNonNull(connectTimeout, "connectTimeout");
        Objects.requireNonNull(readTimeout, "readTimeout");
        Objects.requireNonNull(transferTimeout, "transferTimeout");
        Objects.requireNonNull(backoffBase, "backoffBase");
        Objects.requireNonNull(backoffMax, "backoffMax");
        if (attempts < 1) {
            throw new IllegalArgumentException("expected at least one attempt, found: " + attempts);
        }
    }

    /** No credentials of its own, AWS as the endpoint, five attempts within about ten seconds. */
    public static StoreSettings defaults() {
        return new StoreSettings(
                null,
                null,
                null,
                null,
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Duration.ofHours(1),
                5,
                Duration.ofMillis(250),
                Duration.ofSeconds(5),
                false);
    }

    /** With credentials from a folder; the name (may be {@code null}) is how messages call it. */
    public StoreSettings withCredentials(Path folder, String secret) {
        return new StoreSettings(
                folder,
                secret,
                endpoint,
                region,
                connectTimeout,
                readTimeout,
                transferTimeout,
                attempts,
                backoffBase,
                backoffMax,
                allowLinkLocal);
    }

    public StoreSettings withEndpoint(URI address) {
        return new StoreSettings(
                credentials,
                secretName,
                address,
                region,
                connectTimeout,
                readTimeout,
                transferTimeout,
                attempts,
                backoffBase,
                backoffMax,
                allowLinkLocal);
    }

    public StoreSettings withRegion(String name) {
        return new StoreSettings(
                credentials,
                secretName,
                endpoint,
                name,
                connectTimeout,
                readTimeout,
                transferTimeout,
                attempts,
                backoffBase,
                backoffMax,
                allowLinkLocal);
    }

    public StoreSettings withTimeouts(Duration connect, Duration read, Duration transfer) {
        return new StoreSettings(
                credentials,
                secretName,
                endpoint,
                region,
                connect,
                read,
                transfer,
                attempts,
                backoffBase,
                backoffMax,
                allowLinkLocal);
    }

    public StoreSettings withRetries(int number, Duration base, Duration max) {
        return new StoreSettings(
                credentials,
                secretName,
                endpoint,
                region,
                connectTimeout,
                readTimeout,
                transferTimeout,
                number,
                base,
                max,
                allowLinkLocal);
    }

    public StoreSettings withLinkLocalAllowed(boolean allowed) {
        return new StoreSettings(
                credentials,
                secretName,
                endpoint,
                region,
                connectTimeout,
                readTimeout,
                transferTimeout,
                attempts,
                backoffBase,
                backoffMax,
                allowed);
    }
}
