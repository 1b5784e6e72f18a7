package dev.tatara.features.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.tatara.features.redis.RedisException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** The platform's certificate authorities and those of a {@code ca.crt} together. */
public final class TrustedCertificates {
    private static final String STORE_TYPE = "PKCS12";

    private TrustedCertificates() {}

    /**
     * A store, without a file, of all that a connection trusts.
     *
     * @param access whose {@code ca.crt} is there
     * @throws RedisException of kind {@link Kind#CredentialsMissing} where it has no certificates
     */
    public static KeyStore of(RedisAccess access) throws RedisException {
        try {
            return trusting(access.caCertificate().orElseThrow());
        } catch (GeneralSecurityException | IOException e) {
            throw new RedisException(
                    Kind.CredentialsMissing,
                    "expected PEM certificates under the key ca.crt of the Secret for " + access.address()
                            + ", found something else: " + e.getMessage(),
                    e);
        }
    }

    private static KeyStore trusting(String pem) throws GeneralSecurityException, IOException {
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
        return store;
    }

    private static TrustManager[] platform() throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        return factory.getTrustManagers();
    }
}
