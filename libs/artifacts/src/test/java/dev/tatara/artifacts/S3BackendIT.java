package dev.tatara.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.artifacts.ArtifactException.Kind;
import dev.tatara.artifacts.ArtifactUri.S3;
import dev.tatara.artifacts.testing.FlakyRelay;
import dev.tatara.artifacts.testing.FlakyRelay.Fault;
import dev.tatara.artifacts.testing.S3Server;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class S3BackendIT {
    private static final long PART_BYTES = 5L << 20;
    private static S3Server server;

    @TempDir
    Path folder;

    /** For what a test uploads and signs with; {@link #folder} is for what it receives. */
    @TempDir
    Path scratch;

    @BeforeAll
    static void start() {
        server = S3Server.startWith("models");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void whatIsPutIsDownloadedWithItsDigest() throws IOException {
        try (var store = open(settings())) {
            var uri = new S3("models", "a folder/ünï/model.onnx");
            var put = store.put(uri, bytes("hello"));

            var target = folder.resolve("copy");
            assertThat(store.download(uri, target, 5)).isEqualTo(put);
            assertThat(target).hasContent("hello");
            assertThat(store.stat(uri).sizeBytes()).isEqualTo(5);
            assertThat(store.read(uri, 5)).isEqualTo(bytes("hello"));
            store.delete(uri);
            store.delete(uri);
            assertThat(store.find(uri)).isEmpty();
        }
    }

    @Test
    void aLargeFileGoesUpInParts() throws IOException {
        try (var store = open(settings())) {
            var file = random(12 << 20);
            var uri = new S3("models", "large");

            var put = store.put(uri, file);

            assertThat(put).isEqualTo(Sha256.of(file));
            assertThat(store.digest(uri, Long.MAX_VALUE)).isEqualTo(put);
            assertThat(store.putIfAbsent(uri, file)).isFalse();
            assertThat(store.putIfAbsent(new S3("models", "large-2"), file)).isTrue();
            assertThat(server.unfinishedUploads("models")).isZero();
        }
    }

    @Test
    void tooLargeStopsBeforeTheBody() throws IOException {
        try (var store = open(settings())) {
            var uri = new S3("models", "ten");
            store.put(uri, bytes("0123456789"));

            assertThatThrownBy(() -> store.download(uri, folder.resolve("x"), 9))
                    .satisfies(kind(Kind.TooLarge))
                    .hasMessage("expected at most 9 bytes at s3://models/ten, found 10 bytes");
            assertThat(folder).isEmptyDirectory();
        }
    }

    @Test
    void whatIsMissingIsNamed() {
        try (var store = open(settings())) {
            assertThatThrownBy(() -> store.read(new S3("models", "nothing"), 10))
                    .satisfies(kind(Kind.NotFound))
                    .hasMessageContaining("expected an object at s3://models/nothing");
            assertThatThrownBy(() -> store.read(new S3("no-such-bucket", "x"), 10))
                    .satisfies(kind(Kind.NotFound))
                    .hasMessageContaining("the bucket of s3://no-such-bucket/x doesn't exist");
            assertThatThrownBy(() -> store.put(new S3("no-such-bucket", "x"), bytes("x")))
                    .satisfies(kind(Kind.NotFound));
        }
    }

    @Test
    void wrongKeysAreDeniedAndTheSecretIsNamedButNotTold() {
        var secret = S3Server.writeSecret(
                folder, Map.of("AWS_ACCESS_KEY_ID", "test-access-key", "AWS_SECRET_ACCESS_KEY", "not-the-key"));
        var settings = settings().withCredentials(secret, "s3-models").withEndpoint(server.endpoint());
        try (var store = open(settings)) {
            assertThatThrownBy(() -> store.read(new S3("models", "x"), 10))
                    .satisfies(kind(Kind.AccessDenied))
                    .hasMessageContaining("Secret s3-models")
                    .hasMessageNotContaining("not-the-key");
            assertThatThrownBy(() -> store.put(new S3("models", "x"), random(3 << 20)))
                    .satisfies(kind(Kind.AccessDenied));
        }
    }

    @Test
    void missingKeysAreNamed() throws IOException {
        Files.writeString(folder.resolve("AWS_ACCESS_KEY_ID"), "id");
        var settings = settings().withCredentials(folder, "s3-models");
        try (var store = open(settings)) {
            assertThatThrownBy(() -> store.read(new S3("models", "x"), 10))
                    .satisfies(kind(Kind.CredentialsMissing))
                    .hasMessage("the S3 store needs Secret s3-models with the keys AWS_ACCESS_KEY_ID,"
                            + " AWS_SECRET_ACCESS_KEY; it has [AWS_ACCESS_KEY_ID]. Create or complete it in the"
                            + " namespace of the resource");
        }
    }

    @Test
    void aRotatedSecretIsPickedUp() throws IOException {
        var secret = server.writeSecret(folder);
        Files.writeString(secret.resolve("AWS_SECRET_ACCESS_KEY"), "yesterday's");
        try (var store = open(settings().withCredentials(secret, "s3-models"))) {
            assertThatThrownBy(() -> store.put(new S3("models", "rotated"), bytes("x")))
                    .satisfies(kind(Kind.AccessDenied));

            server.writeSecret(folder);

            store.put(new S3("models", "rotated"), bytes("x"));
        }
    }

    @Test
    void serverErrorsPassAndAreWaitedOut() throws IOException {
        try (var relay = FlakyRelay.to(server.port())
                        .next(new Fault.Answer(503), new Fault.Answer(500), new Fault.CutResponse(0));
                var store = open(through(relay))) {
            store.put(new S3("models", "flaky"), bytes("x"));

            assertThat(store.read(new S3("models", "flaky"), 10)).isEqualTo(bytes("x"));
            assertThat(relay.connections()).isGreaterThanOrEqualTo(4);
        }
    }

    @Test
    void aBodyThatBreaksOffIsGoneOnWith() throws IOException {
        var file = random(4 << 20);
        var uri = new S3("models", "resumed");
        try (var store = open(settings())) {
            store.put(uri, file);
        }
        try (var relay = FlakyRelay.to(server.port())
                        .next(new Fault.CutResponse(1 << 20), new Fault.CutResponse(2 << 20));
                var store = open(through(relay))) {
            var target = folder.resolve("copy");

            assertThat(store.download(uri, target, Long.MAX_VALUE)).isEqualTo(Sha256.of(file));
            assertThat(target).hasSameBinaryContentAs(file);
        }
    }

    @Test
    void aStoreThatIsAwayIsUnavailable() throws IOException {
        var away = S3Server.startWith("models");
        var endpoint = away.endpoint();
        away.close();
        try (var store = open(settings().withCredentials(server.writeSecret(folder), null))) {
            Files.writeString(folder.resolve("AWS_ENDPOINT_URL"), endpoint.toString());

            assertThatThrownBy(() -> store.read(new S3("models", "x"), 10))
                    .satisfies(kind(Kind.Unavailable))
                    .hasMessageContaining(endpoint.toString())
                    .hasMessageContaining("refused");
        }
    }

    @Test
    void anUnknownHostIsUnavailable() {
        var secret = S3Server.writeSecret(folder, Map.of("AWS_ACCESS_KEY_ID", "id", "AWS_SECRET_ACCESS_KEY", "key"));
        var settings = settings()
                .withCredentials(secret, "s3-models")
                .withEndpoint(URI.create("http://no-such-host.invalid:9000"));
        try (var store = open(settings)) {
            assertThatThrownBy(() -> store.read(new S3("models", "x"), 10))
                    .satisfies(kind(Kind.Unavailable))
                    .hasMessageContaining("no-such-host.invalid");
        }
    }

    @Test
    void anUploadThatIsKilledLeavesNothingVisible() throws IOException {
        var once = settings().withRetries(1, Duration.ofMillis(1), Duration.ofMillis(1));
        for (var bytes : List.of(4 << 20, 12 << 20)) {
            var uri = new S3("models", "killed-" + bytes);
            var cut = new Fault.CutRequest(3 << 20);
            try (var relay = FlakyRelay.to(server.port()).next(cut, cut, cut, cut);
                    var store = open(once.withCredentials(secretFor(relay), null))) {
                assertThatThrownBy(() -> store.put(uri, random(bytes))).satisfies(kind(Kind.Unavailable));
            }
            try (var store = open(settings())) {
                assertThat(store.exists(uri)).isFalse();
            }
        }
    }

    @Test
    void oneOfManyWinsPutIfAbsentAndItsBytesStay() throws Exception {
        try (var store = open(settings());
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var uri = new S3("models", "sha256/raced");
            var tasks = new ArrayList<Callable<Boolean>>();
            for (int i = 0; i < 8; i++) {
                var content = bytes("writer " + i);
                tasks.add(() -> store.putIfAbsent(uri, content));
            }
            var wins = 0;
            for (Future<Boolean> future : executor.invokeAll(tasks)) {
                wins += future.get() ? 1 : 0;
            }
            assertThat(wins).isEqualTo(1);
            assertThat(store.putIfAbsent(uri, bytes("late"))).isFalse();
            assertThat(new String(store.read(uri, 100), StandardCharsets.UTF_8)).startsWith("writer ");
        }
    }

    @Test
    void aListIsPagedInKeyOrder() throws IOException {
        try (var store = open(settings())) {
            for (var name : List.of("b/2", "a", "b/1", "c", "b-1")) {
                store.put(new S3("models", "listed/" + name), bytes(name));
            }
            store.put(new S3("models", "listed-not/x"), bytes("x"));
            var prefix = new S3("models", "listed");

            var first = store.list(prefix, null, 3);
            var second = store.list(prefix, first.nextAfter(), 3);

            assertThat(first.entries().stream().map(entry -> entry.uri().external()))
                    .containsExactly("s3://models/listed/a", "s3://models/listed/b-1", "s3://models/listed/b/1");
            assertThat(second.entries().stream().map(entry -> entry.uri().external()))
                    .containsExactly("s3://models/listed/b/2", "s3://models/listed/c");
            assertThat(second.next()).isEmpty();
        }
    }

    private StoreSettings settings() {
        return StoreSettings.defaults()
                .withCredentials(server.writeSecret(newFolder()), "s3-models")
                .withRetries(5, Duration.ofMillis(1), Duration.ofMillis(50));
    }

    private StoreSettings through(FlakyRelay relay) {
        return settings().withCredentials(secretFor(relay), null);
    }

    private Path secretFor(FlakyRelay relay) {
        var secret = server.writeSecret(newFolder());
        return S3Server.writeSecret(
                secret, Map.of("AWS_ENDPOINT_URL", relay.endpoint().toString()));
    }

    private Path newFolder() {
        try {
            return Files.createTempDirectory(scratch, "secret");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ArtifactStore open(StoreSettings settings) {
        return ArtifactStore.open(settings, Map.of(), PART_BYTES);
    }

    private Path random(int size) throws IOException {
        var content = new byte[size];
        new Random(size).nextBytes(content);
        return Files.write(Files.createTempFile(scratch, "content", ".bin"), content);
    }

    private static org.assertj.core.api.ThrowingConsumer<Throwable> kind(Kind kind) {
        return e ->
                assertThat(((ArtifactException) e).kind()).as(e.getMessage()).isEqualTo(kind);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
