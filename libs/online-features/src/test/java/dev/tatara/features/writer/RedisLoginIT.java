package dev.tatara.features.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tatara.features.FeatureType;
import dev.tatara.features.JoinKey;
import dev.tatara.features.OnlineFeature;
import dev.tatara.features.OnlineView;
import dev.tatara.features.redis.RedisAccess;
import dev.tatara.features.redis.RedisException;
import dev.tatara.features.redis.RedisException.Kind;
import dev.tatara.features.testing.RedisServer;
import dev.tatara.testing.LocalServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Protocol.Command;

/** Passwords, users with few rights, and encryption, by what a Secret says. */
class RedisLoginIT {
    private static final OnlineView VIEW = new OnlineView(
            "shop",
            "spend",
            List.of(new JoinKey("user", FeatureType.INT64)),
            List.of(new OnlineFeature("amount", FeatureType.DOUBLE)),
            Duration.ZERO);
    private static final WriterSettings IMPATIENT =
            WriterSettings.defaults().withRetries(Duration.ofMillis(300), Duration.ofMillis(10), Duration.ofMillis(50));
    private static final String KEY_STORE_PASSWORD = "changeit";

    @TempDir
    private static Path shared;

    private static RedisServer redis;
    private static int tlsPort;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws Exception {
        var keys = shared.resolve("keys.p12");
        var keytool = new ArrayList<String>();
        keytool.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        keytool.addAll(List.of("-genkeypair", "-alias", "tls", "-keyalg", "EC", "-dname", "CN=test"));
        keytool.addAll(List.of("-ext", "san=ip:127.0.0.1", "-storetype", "PKCS12"));
        keytool.addAll(List.of("-keystore", keys.toString(), "-storepass", KEY_STORE_PASSWORD));
        var process = new ProcessBuilder(keytool).inheritIO().start();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        var store = KeyStore.getInstance(keys.toFile(), KEY_STORE_PASSWORD.toCharArray());
        pem("ca.crt", "CERTIFICATE", store.getCertificate("tls").getEncoded());
        pem(
                "tls.key",
                "PRIVATE KEY",
                store.getKey("tls", KEY_STORE_PASSWORD.toCharArray()).getEncoded());

        tlsPort = LocalServer.freePort();
        redis = RedisServer.startWith();
        redis.command(
                Command.CONFIG,
                "SET",
                "tls-cert-file",
                shared.resolve("ca.crt"),
                "tls-key-file",
                shared.resolve("tls.key"),
                "tls-auth-clients",
                "no",
                "tls-port",
                tlsPort);
        redis.command(
                Command.ACL,
                "SETUSER",
                "writer",
                "on",
                ">word",
                "~*",
                "+evalsha",
                "+script|load",
                "+hget",
                "+hset",
                "+pexpire");
        redis.command(Command.ACL, "SETUSER", "reader", "on", ">word", "~*", "+@read");
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @Test
    void aUserWithTheFewRightsThatAreNeededMayWrite() throws Exception {
        write(Map.of("username", "writer", "password", "word"));
    }

    @Test
    void whoIsRefusedIsToldWhatToDo() {
        assertDenied(Map.of("username", "writer", "password", "hush"), "WRONGPASS");
        assertDenied(Map.of("username", "nobody", "password", "hush"), "WRONGPASS");
        assertDenied(Map.of("username", "reader", "password", "word"), "script");
    }

    @Test
    void aPasswordThatIsMissingIsNamed() throws Exception {
        try (var closed = RedisServer.startWith("--requirepass", "word")) {
            var secret = RedisServer.writeSecret(
                    Files.createTempDirectory(folder, "secret"),
                    Map.of("host", "127.0.0.1", "port", Integer.toString(closed.port())));
            assertThatExceptionOfType(RedisException.class)
                    .isThrownBy(() -> OnlineWriter.open(RedisAccess.ofSecret(secret, null), VIEW, IMPATIENT))
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.AccessDenied))
                    .withMessageContaining("NOAUTH");
            RedisServer.writeSecret(secret, Map.of("password", "word"));
            OnlineWriter.open(RedisAccess.ofSecret(secret, null), VIEW, IMPATIENT)
                    .close();
        }
    }

    @Test
    void anEncryptedRedisIsTrustedThroughTheSecretAndNotWithoutIt() throws Exception {
        var port = Integer.toString(tlsPort);
        var certificate = Files.readString(shared.resolve("ca.crt"));
        write(Map.of("url", "rediss://127.0.0.1:" + port, "ca.crt", certificate));
        write(Map.of(
                "host", "127.0.0.1", "port", port, "ca.crt", certificate, "username", "writer", "password", "word"));

        assertRefused(
                Map.of("url", "rediss://127.0.0.1:" + port),
                Kind.CredentialsMissing,
                "belongs into the Secret under the key ca.crt");
        assertRefused(
                Map.of("url", "rediss://localhost:" + port, "ca.crt", certificate),
                Kind.CredentialsMissing,
                "the certificate must name the host");
        assertRefused(
                Map.of("url", "rediss://127.0.0.1:" + port, "ca.crt", "no certificate"),
                Kind.CredentialsMissing,
                "expected PEM certificates");
    }

    private void assertDenied(Map<String, String> keys, String said) {
        assertRefused(keys, Kind.AccessDenied, said);
    }

    private void assertRefused(Map<String, String> keys, Kind kind, String said) {
        assertThatExceptionOfType(RedisException.class)
                .isThrownBy(() -> write(keys))
                .satisfies(e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind))
                .withMessageContaining(said)
                .withMessageNotContaining("hush");
    }

    private void write(Map<String, String> keys) throws IOException {
        var all = new TreeMap<>(keys);
        if (!keys.containsKey("url")) {
            all.putIfAbsent("host", "127.0.0.1");
            all.putIfAbsent("port", Integer.toString(redis.port()));
        }
        var secret = RedisServer.writeSecret(Files.createTempDirectory(folder, "secret"), all);
        var settings = IMPATIENT.withKeyTtl(Duration.ofHours(1));
        try (var writer = OnlineWriter.open(RedisAccess.ofSecret(secret, "redis"), VIEW, settings)) {
            writer.write(new Object[] {1}, Instant.EPOCH, new Object[] {1});
            assertThat(writer.finish().written()).isEqualTo(1);
        }
    }

    private static void pem(String file, String what, byte[] bytes) throws IOException {
        Files.writeString(
                shared.resolve(file),
                "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(bytes) + "\n-----END " + what
                        + "-----\n");
    }
}
