package dev.tatara.features.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tatara.features.redis.RedisException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisAccessTest {
    @TempDir
    private Path folder;

    @Test
    void aUrlSaysItAll() throws IOException {
        var access = secret(Map.of("url", "rediss://app:p%40ss+word%2F@redis.prod:6380/3"));

        assertThat(access.host()).isEqualTo("redis.prod");
        assertThat(access.port()).isEqualTo(6380);
        assertThat(access.tls()).isTrue();
        assertThat(access.database()).isEqualTo(3);
        assertThat(access.username()).contains("app");
        assertThat(access.password()).contains("p@ss+word/");
        assertThat(access).hasToString("rediss://redis.prod:6380/3");
    }

    @Test
    void aShortUrlWithTheRestInKeysOfTheirOwn() throws IOException {
        var access = secret(Map.of("url", "redis://:old@redis", "password", "new", "database", "1"));

        assertThat(access.address()).isEqualTo("redis://redis:6379/1");
        assertThat(access.username()).isEmpty();
        assertThat(access.password()).contains("new");
        assertThat(secret(Map.of("url", "redis://[::1]:7000")).host()).isEqualTo("::1");
    }

    @Test
    void hostAndPort() throws IOException {
        var access = secret(Map.of("host", "redis", "port", "7000", "username", "app", "password", "x"));

        assertThat(access.address()).isEqualTo("redis://redis:7000");
        assertThat(access.username()).contains("app");
    }

    @Test
    void anAuthorityMeansEncryption() throws IOException {
        assertThat(secret(Map.of("host", "redis", "ca.crt", "PEM")).tls()).isTrue();
        assertThat(secret(Map.of("host", "redis", "tls", "true")).tls()).isTrue();
        assertRefused(Map.of("url", "redis://redis", "ca.crt", "PEM"), "isn't encrypted: write rediss://");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://:hush@redis",
                "redis://:hush@/0",
                "redis://:hu sh@redis",
                "redis://:hush@redis/first",
                "redis://:hush#@redis",
                "redis:hush",
                "hush"
            })
    void aUrlThatIsNoneIsToldWithoutItsPassword(String url) {
        assertRefused(Map.of("url", url), "under the key url");
    }

    @Test
    void whatIsMissingIsNamed() {
        assertRefused(Map.of(), "expected the key url (redis://host:6379) or host in Secret redis, found none");
        assertRefused(Map.of("password", "hush"), "found [password]");
        assertRefused(Map.of("host", "redis", "port", "hush"), "from 1 to 65535 under the key port");
        assertRefused(Map.of("host", "redis", "tls", "hush"), "true or false under the key tls");
    }

    private void assertRefused(Map<String, String> keys, String message) {
        assertThatExceptionOfType(RedisException.class)
                .isThrownBy(() -> secret(keys))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.CredentialsMissing))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e).hasStackTraceContaining("Secret redis"))
                .satisfies(e -> assertThat(e.toString() + e.getCause())
                        .doesNotContain("hush")
                        .doesNotContain("hu sh"));
    }

    private RedisAccess secret(Map<String, String> keys) throws IOException {
        var secret = Files.createTempDirectory(folder, "secret");
        for (var key : keys.entrySet()) {
            Files.writeString(secret.resolve(key.getKey()), key.getValue() + "\n");
        }
        return RedisAccess.ofSecret(secret, "redis");
    }
}
