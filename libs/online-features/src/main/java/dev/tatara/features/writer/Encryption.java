package dev.tatara.features.writer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.tatara.features.redis.RedisAccess;
import dev.tatara.features.redis.RedisException;
import dev.tatara.features.redis.RedisException.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.SslVerifyMode;

/** TLS with the platform's certificate authorities and those of a {@code ca.crt}. */
final class Encryption {
    /** Jedis takes a trust store as a file would be. It has certificates in it, which are no secret. */
    private static final String STORE_TYPE = "PKCS12";

    private static final char[] PASSWORD = "public".toCharArray();

    private Encryption() {}

    /** The server's name is compared with its certificate. */
    static SslOptions options(RedisAccess access) throws RedisException {
        var options = SslOptions.builder().sslVerifyMode(SslVerifyMode.FULL);
        if (access.caCertificate().isPresent()) {
            try {
                var store = trusting(access.caCertificate().get());
                options.trustStoreType(STORE_TYPE).truststore(() -> new ByteArrayInputStream(store), PASSWORD);
            } catch (GeneralSecurityException | IOException e) {
                throw new RedisException(
                        Kind.CredentialsMissing,
                        "expected PEM certificates under the key ca.crt of the Secret for " + access.address()
                                + ", found something else: " + e.getMessage(),
                        e);
            }
        }
        return options.build();
    }

    private static byte[] trusting(String pem) throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance(STORE_TYPE);
        store.load(null, null);
        var number = 0;
        for (var manager : platform()) {
            if (manager instanceof X509TrustManager known) {
                for (X509Certificate authority : known.getAcceptedIssuers()) {
                    store.setCertificateEntry("platform-" + number++, authority);
                }
            }
        }
        var own = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem.getBytes(US_ASCII)));
        if (own.isEmpty()) {
            throw new GeneralSecurityException("no certificate in it");
        }
        for (var authority : own) {
            store.setCertificateEntry("own-" + number++, authority);
        }
        var bytes = new ByteArrayOutputStream();
        store.store(bytes, PASSWORD);
        return bytes.toByteArray();
    }

    private static TrustManager[] platform() throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        return factory.getTrustManagers();
    }
}
