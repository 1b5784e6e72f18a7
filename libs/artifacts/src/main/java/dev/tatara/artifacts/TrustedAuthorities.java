package dev.tatara.artifacts;

import dev.tatara.artifacts.ArtifactException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** The platform's certificate authorities and those of a {@code ca.crt}. */
final class TrustedAuthorities {
    private TrustedAuthorities() {}

    static SSLContext context(String pem, SecretFiles whence) throws ArtifactException {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, managers(pem, whence), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw unusable(whence, e);
        }
    }

    static TrustManager[] managers(String pem, SecretFiles whence) throws ArtifactException {
        try {
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            var number = 0;
            for (var manager : managersOf(null)) {
                if (manager instanceof X509TrustManager known) {
                    for (X509Certificate authority : known.getAcceptedIssuers()) {
                        store.setCertificateEntry("platform-" + number++, authority);
                    }
                }
            }
            var own = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
            if (own.isEmpty()) {
                throw new GeneralSecurityException("no certificate in it");
            }
            for (var authority : own) {
                store.setCertificateEntry("own-" + number++, authority);
            }
            return Arrays.copyOf(managersOf(store), 1);
        } catch (GeneralSecurityException | IOException e) {
            throw unusable(whence, e);
        }
    }

    private static TrustManager[] managersOf(KeyStore store) throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static ArtifactException unusable(SecretFiles whence, Exception e) {
        return new ArtifactException(
                Kind.CredentialsMissing,
                "expected PEM certificates under the key ca.crt of " + whence.describe() + ", found something else: "
                        + e.getMessage(),
                e);
    }
}
