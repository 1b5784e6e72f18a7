package dev.tatara.artifacts;

import dev.tatara.artifacts.ArtifactException.Kind;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * The S3 client that fits the credentials as they are now. Keys that rotate are picked up by the next request; a new
 * endpoint, region or authority makes a new client.
 */
final class S3Connection implements AutoCloseable {
    /** Set by the webhooks and agents of workload identity: then a Secret isn't needed. */
    private static final List<String> WORKLOAD_IDENTITY = List.of(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_WEB_IDENTITY_TOKEN_FILE");

    private final StoreSettings settings;
    private final SecretFiles secret;
    private final Map<String, String> environment;
    private AwsCredentialsProvider platform;
    private volatile AwsCredentials fromSecret;
    private Place place;
    private S3Client client;

    S3Connection(StoreSettings settings, Map<String, String> environment) {
        this.settings = settings;
        this.secret = SecretFiles.of(settings);
        this.environment = environment;
    }

    SecretFiles secret() {
        return secret;
    }

    /** What was connected to last, for messages. */
    synchronized String describe() {
        return place == null || place.endpoint() == null ? "AWS S3" : "the S3 store at " + place.endpoint();
    }

    synchronized S3Client client() throws ArtifactException {
        var keys = secret.read();
        fromSecret = credentials(keys);
        var now = new Place(
                endpoint(keys),
                first(
                        "us-east-1",
                        keys.get(SecretFiles.REGION),
                        settings.region(),
                        environment.get("AWS_REGION"),
                        environment.get("AWS_DEFAULT_REGION")),
                keys.get(SecretFiles.CA_CERTIFICATE));
        if (client == null || !now.equals(place)) {
            // An earlier client isn't closed: transfers may still read from it, and it holds no pool of its own.
            client = connect(now);
            place = now;
        }
        return client;
    }

    private AwsCredentials credentials(Map<String, String> keys) throws ArtifactException {
        var id = keys.get(SecretFiles.ACCESS_KEY_ID);
        var key = keys.get(SecretFiles.SECRET_ACCESS_KEY);
        if (id != null && key != null) {
            var token = keys.get(SecretFiles.SESSION_TOKEN);
            return token == null ? AwsBasicCredentials.create(id, key) : AwsSessionCredentials.create(id, key, token);
        }
        if (secret.isGiven() && WORKLOAD_IDENTITY.stream().noneMatch(environment::containsKey)) {
            throw secret.missing(
                    "the S3 store", List.of(SecretFiles.ACCESS_KEY_ID, SecretFiles.SECRET_ACCESS_KEY), keys);
        }
        return null;
    }

    private URI endpoint(Map<String, String> keys) throws ArtifactException {
        var text = keys.get(SecretFiles.ENDPOINT_URL);
        var endpoint = text == null ? settings.endpoint() : parse(text);
        if (endpoint != null
                && (endpoint.getHost() == null || !endpoint.getScheme().startsWith("http"))) {
            throw new ArtifactException(
                    Kind.Unsupported, "expected an S3 endpoint such as http://minio:9000, found: " + endpoint);
        }
        return endpoint;
    }

    private URI parse(String text) throws ArtifactException {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new ArtifactException(
                    Kind.Unsupported, "the key AWS_ENDPOINT_URL of " + secret.describe() + " is no address", e);
        }
    }

    private S3Client connect(Place now) throws ArtifactException {
        var http = UrlConnectionHttpClient.builder()
                .connectionTimeout(settings.connectTimeout())
                .socketTimeout(settings.readTimeout());
        if (now.authorities() != null) {
            var managers = TrustedAuthorities.managers(now.authorities(), secret);
            http.tlsTrustManagersProvider(() -> managers);
        }
        var retries = AwsRetryStrategy.standardRetryStrategy().toBuilder()
                .maxAttempts(settings.attempts())
                .backoffStrategy(
                        BackoffStrategy.exponentialDelayHalfJitter(settings.backoffBase(), settings.backoffMax()))
                .throttlingBackoffStrategy(BackoffStrategy.exponentialDelayHalfJitter(
                        settings.backoffBase().multipliedBy(2), max(settings.backoffMax(), Duration.ofSeconds(10))))
                .build();
        var builder = S3Client.builder()
                .httpClient(http.build())
                .region(Region.of(now.region()))
                .credentialsProvider(this::current)
                // Uploads carry the SHA-256 that we know anyway; downloads are digested by us. The SDK's own trailing
                // checksums are refused by many S3 stores.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .overrideConfiguration(override -> override.retryStrategy(retries));
        if (now.endpoint() != null) {
            builder.endpointOverride(now.endpoint()).forcePathStyle(true);
        } else if (Stream.of("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL").anyMatch(environment::containsKey)) {
            builder.forcePathStyle(true);
        }
        return builder.build();
    }

    private AwsCredentials current() {
        var known = fromSecret;
        return known != null ? known : platform().resolveCredentials();
    }

    private synchronized AwsCredentialsProvider platform() {
        if (platform == null) {
            platform = DefaultCredentialsProvider.builder().build();
        }
        return platform;
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.close();
        }
    }

    private static String first(String otherwise, String... candidates) {
        return Stream.of(candidates)
                .filter(Objects::nonNull)
                .filter(candidate -> !candidate.isBlank())
                .findFirst()
                .orElse(otherwise);
    }

    private static Duration max(Duration left, Duration right) {
        return left.compareTo(right) >= 0 ? left : right;
    }

    /** What a client is made for. */
    private record Place(URI endpoint, String region, String authorities) {}
}
