package dev.tatara.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** The S3 store in the cluster, reached from outside. Users' models lie in bucket {@code models}. */
public final class ObjectStore implements AutoCloseable {
    private static final String BUCKET = "models";

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
        client.putObject(request -> request.bucket(BUCKET).key(key), RequestBody.fromBytes(bytes));
        return "s3://" + BUCKET + "/" + key;
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
