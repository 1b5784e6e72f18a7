package dev.tatara.mlflow;

import dev.tatara.mlflow.MlflowException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** The keys of a mounted Secret, read anew at every use because a rotated Secret appears by itself. */
record Secret(Path folder, String name) {
    private static final long MAX_BYTES = 1 << 20;

    static Secret of(MlflowSettings settings) {
        return new Secret(settings.credentials(), settings.secretName());
    }

    /** The value of the header {@code Authorization}, where there is anything to send. */
    Optional<String> authorization() throws MlflowException {
        var token = get("token");
        if (token.isPresent()) {
            return Optional.of("Bearer " + token.get());
        }
        var user = get("username");
        var password = get("password");
        return user.isEmpty() || password.isEmpty()
                ? Optional.empty()
                : Optional.of("Basic "
                        + Base64.getEncoder()
                                .encodeToString((user.get() + ":" + password.get()).getBytes(StandardCharsets.UTF_8)));
    }

    /** Trusts the platform's authorities and those of {@code ca.crt}; nothing where there is no such key. */
    Optional<SSLContext> trust() throws MlflowException {
        var pem = get("ca.crt");
        if (pem.isEmpty()) {
            return Optional.empty();
        }
        try {
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            var number = 0;
            for (var manager : factory(null).getTrustManagers()) {
                if (manager instanceof X509TrustManager platform) {
                    for (X509Certificate authority : platform.getAcceptedIssuers()) {
                        store.setCertificateEntry("platform-" + number++, authority);
                    }
                }
            }
            var own = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.get().getBytes(StandardCharsets.US_ASCII)));
            if (own.isEmpty()) {
                throw new GeneralSecurityException("no certificate in it");
            }
            for (var authority : own) {
                store.setCertificateEntry("own-" + number++, authority);
            }
            var context = SSLContext.getInstance("TLS");
            context.init(null, factory(store).getTrustManagers(), null);
            return Optional.of(context);
        } catch (GeneralSecurityException | IOException e) {
            throw new MlflowException(
                    Kind.Denied,
                    "expected PEM certificates under the key ca.crt of %s, found something else: %s"
                            .formatted(describe(), e.getMessage()),
                    e);
        }
    }

    private static TrustManagerFactory factory(KeyStore store) throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    /** How to be let in, for somebody who wasn't. */
    String advice() throws MlflowException {
        if (folder == null) {
            return "no credentials were given: name a Secret with the key token, or username and password";
        }
        return authorization().isPresent()
                ? "credentials from " + describe() + " were sent; may they do this?"
                : describe() + " has neither token nor username and password: create or complete it in the namespace of"
                        + " the resource";
    }

    private Optional<String> get(String key) throws MlflowException {
        if (folder == null) {
            return Optional.empty();
        }
        var file = folder.resolve(key);
        try {
            if (!Files.exists(file) || Files.size(file) > MAX_BYTES) {
                return Optional.empty();
            }
            return Optional.of(Files.readString(file).strip()).filter(text -> !text.isEmpty());
        } catch (IOException e) {
            throw new MlflowException(
                    Kind.Denied, "the key " + key + " of " + describe() + " can't be read: " + e.getMessage(), e);
        }
    }

    private String describe() {
        return name == null ? "the credentials in " + folder : "Secret " + name;
    }
}
