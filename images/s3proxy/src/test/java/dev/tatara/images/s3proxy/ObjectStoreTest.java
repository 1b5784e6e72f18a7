package dev.tatara.images.s3proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.Bucket;
import software.amazon.awssdk.services.s3.model.S3Exception;

class ObjectStoreTest {

    private static final Map<String, String> ENVIRONMENT = Map.of(
            "AWS_ACCESS_KEY_ID", "tatara",
            "AWS_SECRET_ACCESS_KEY", "a secret",
            "S3_BUCKETS", "models, data,",
            "S3_PORT", "0");

    @Test
    void bucketsAreThereAndObjectsOutliveTheProcessInAFolder(@TempDir Path folder) throws Exception {
        var settings = StoreSettings.from(
                with(ENVIRONMENT, "S3_FOLDER", folder.resolve("new").toString()));
        try (var store = ObjectStore.start(settings);
                var client = client(store, "a secret")) {
            assertThat(client.listBuckets().buckets()).extracting(Bucket::name).containsExactly("data", "models");
            client.putObject(put -> put.bucket("models").key("a/b.onnx"), RequestBody.fromString("bytes"));
        }
        try (var store = ObjectStore.start(settings);
                var client = client(store, "a secret")) {
            var read = client.getObjectAsBytes(get -> get.bucket("models").key("a/b.onnx"));
            assertThat(read.asUtf8String()).isEqualTo("bytes");
        }
    }

    @Test
    void objectsAreInMemoryWithoutAFolder() throws Exception {
        try (var store = ObjectStore.start(StoreSettings.from(ENVIRONMENT));
                var client = client(store, "a secret")) {
            client.putObject(put -> put.bucket("data").key("k"), RequestBody.fromString("v"));
            assertThat(client.getObjectAsBytes(get -> get.bucket("data").key("k"))
                            .asUtf8String())
                    .isEqualTo("v");
        }
    }

    @Test
    void whoSignsWithAnotherKeyIsRefused() throws Exception {
        try (var store = ObjectStore.start(StoreSettings.from(ENVIRONMENT));
                var client = client(store, "another")) {
            assertThatThrownBy(client::listBuckets)
                    .isInstanceOfSatisfying(S3Exception.class, refusal -> assertThat(refusal.statusCode())
                            .isEqualTo(403));
        }
    }

    @Test
    void mistakesInTheEnvironmentAreNamed() {
        assertThatThrownBy(() -> StoreSettings.from(Map.of("AWS_ACCESS_KEY_ID", "tatara")))
                .hasMessageContaining("AWS_SECRET_ACCESS_KEY is not set");
        assertThatThrownBy(() -> StoreSettings.from(with(ENVIRONMENT, "S3_PORT", "http")))
                .hasMessage("S3_PORT must be a port between 0 and 65535, it is 'http'");
    }

    @Test
    void theSecretIsNotPrinted() {
        assertThat(StoreSettings.from(ENVIRONMENT)).asString().doesNotContain("a secret");
    }

    private static S3Client client(ObjectStore store, String secret) {
        return S3Client.builder()
                .endpointOverride(URI.create("http://127.0.0.1:" + store.port()))
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .httpClient(UrlConnectionHttpClient.create())
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("tatara", secret)))
                .build();
    }

    private static Map<String, String> with(Map<String, String> environment, String name, String value) {
        var changed = new HashMap<>(environment);
        changed.put(name, value);
        return changed;
    }
}
