package dev.tatara.features.writer;

import dev.tatara.features.redis.RedisAccess;
import dev.tatara.features.redis.RedisException;
import dev.tatara.features.redis.RedisException.Kind;
import dev.tatara.features.redis.TrustedCertificates;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.SslVerifyMode;

/** TLS with the platform's certificate authorities and those of a {@code ca.crt}. */
final class Encryption {
    /** Jedis takes a trust store as a file would be. It has certificates in it, which are no secret. */
    private static final char[] PASSWORD = "public".toCharArray();

    private Encryption() {}

    /** The server's name is compared with its certificate. */
    static SslOptions options(RedisAccess access) throws RedisException {
        var options = SslOptions.builder().sslVerifyMode(SslVerifyMode.FULL);
        if (access.caCertificate().isPresent()) {
            var store = TrustedCertificates.of(access);
            var bytes = new ByteArrayOutputStream();
            try {
                store.store(bytes, PASSWORD);
            } catch (GeneralSecurityException | IOException e) {
                throw new RedisException(
                        Kind.CredentialsMissing,
                        "the certificates for " + access.address() + " can't be used: " + e.getMessage(),
                        e);
            }
            options.trustStoreType(store.getType())
                    .truststore(() -> new ByteArrayInputStream(bytes.toByteArray()), PASSWORD);
        }
        return options.build();
    }
}
