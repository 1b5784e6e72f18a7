package dev.tatara.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * The S3 store in the cluster, reached from outside. Users' models and rows lie in bucket {@code models}, what Tatara
 * keeps in bucket {@code tatara} below {@code artifacts/}.
 */
public final class ObjectStore implements AutoCloseable {
    private static final String BUCKET = "models";
    private static final String ARTIFACTS_BUCKET = "tatara";
    private static final String ARTIFACTS = "artifacts/";

    private static final int MAX_ATTEMPTS = 12;

    private final S3Client client;
    private final String accessKeyId;
    private final String secretAccessKey;

    ObjectStore(URI endpoint, String accessKeyId, String secretAccessKey) {
        this.accessKeyId = accessKeyId;
        this.secretAccessKey = secretAccessKey;
        this.client = S3Client.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                // Of connections that were kept, the store may have closed some: more of them than usual tries.
                .overrideConfiguration(client -> client.retryStrategy(tries -> tries.maxAttempts(MAX_ATTEMPTS)))
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKeyId, secretAccessKey)))
                .build();
    }

    String accessKeyId() {
        return accessKeyId;
    }

    String secretAccessKey() {
        return secretAccessKey;
    }

    /** Uploads bytes and returns their URI. */
    public String put(String key, byte[] bytes) {
        return put(BUCKET, key, bytes);
    }

    /** Uploads bytes to a bucket and returns their URI. */
    public String put(String bucket, String key, byte[] bytes) {
        client.putObject(request -> request.bucket(bucket).key(key), RequestBody.fromBytes(bytes));
        return "s3://" + bucket + "/" + key;
    }

    public void createBucket(String bucket) {
        client.createBucket(request -> request.bucket(bucket));
    }

    /** Keys in the artifact store that begin so, sorted; all below the store's own prefix. */
    public List<String> artifacts(String prefix) {
        return client
                .listObjectsV2Paginator(
                        request -> request.bucket(ARTIFACTS_BUCKET).prefix(ARTIFACTS + prefix))
                .contents()
                .stream()
                .map(object -> object.key().substring(ARTIFACTS.length()))
                .sorted()
                .toList();
    }

    /** The bytes of an object in the artifact store. */
    public byte[] artifact(String key) {
        return client.getObjectAsBytes(
                        request -> request.bucket(ARTIFACTS_BUCKET).key(ARTIFACTS + key))
                .asByteArray();
    }

    /** The digest of an object in the artifact store, in hexadecimal. */
    public String sha256(String key) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(artifact(key)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The URI that an object in the artifact store has. */
    public static String artifactUri(String key) {
        return "s3://" + ARTIFACTS_BUCKET + "/" + ARTIFACTS + key;
    }

    /** Uploads one of the models under src/test/resources/models and returns its URI. */
    public String putModel(String key, String model) {
        return put(key, model(model));
    }

    /** The bytes of one of the models under src/test/resources/models. */
    public static byte[] model(String name) {
        try (var stream = ObjectStore.class.getResourceAsStream("/models/" + name + ".onnx")) {
            if (stream == null) {
                throw new IllegalArgumentException("no model " + name + ".onnx in src/test/resources/models");
            }
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
