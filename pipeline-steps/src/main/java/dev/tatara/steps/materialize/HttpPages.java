package dev.tatara.steps.materialize;

import dev.tatara.artifacts.AddressGuard;
import dev.tatara.artifacts.ArtifactException;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.options.ByteSize;
import dev.tatara.steps.options.MountedSecret;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** Asks a web service, again for a while where it is away, with the credentials of a mounted Secret. */
final class HttpPages {
    private static final int ATTEMPTS = 5;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration READ = Duration.ofSeconds(60);

    private final Map<String, String> headers;
    private final Optional<String> authorization;
    private final Optional<SSLSocketFactory> trust;
    private final Progress progress;

    HttpPages(Map<String, String> headers, Optional<Path> secret, Progress progress) throws StepFailure {
        this.headers = headers == null ? Map.of() : headers;
        this.authorization = secret.isEmpty() ? Optional.empty() : authorization(new MountedSecret(secret.get()));
        this.trust = secret.isEmpty() ? Optional.empty() : trust(new MountedSecret(secret.get()));
        this.progress = progress;
    }

    private static Optional<String> authorization(MountedSecret secret) throws StepFailure {
        var token = secret.get("token");
        if (token.isPresent()) {
            return token.map(text -> "Bearer " + text);
        }
        var user = secret.get("username");
        var password = secret.get("password");
        return user.isEmpty() || password.isEmpty()
                ? Optional.empty()
                : Optional.of("Basic "
                        + Base64.getEncoder()
                                .encodeToString((user.get() + ":" + password.get()).getBytes(StandardCharsets.UTF_8)));
    }

    private static Optional<SSLSocketFactory> trust(MountedSecret secret) throws StepFailure {
        var authorities = secret.get("ca.crt");
        if (authorities.isEmpty()) {
            return Optional.empty();
        }
        try {
            var keys = KeyStore.getInstance(KeyStore.getDefaultType());
            keys.load(null, null);
            var number = 0;
            var bytes = authorities.get().getBytes(StandardCharsets.US_ASCII);
            for (var certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes))) {
                keys.setCertificateEntry("authority-" + number++, certificate);
            }
            var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(keys);
            var context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return Optional.of(context.getSocketFactory());
        } catch (GeneralSecurityException | IOException e) {
            throw StepFailure.failed("SecretMissing", "ca.crt of the source's Secret holds no certificates in PEM", e);
        }
    }

    /** Fetches an answer into a file. */
    void fetch(URI address, Path file, long maxBytes) throws StepFailure, IOException {
        var pause = FIRST_PAUSE;
        for (var attempt = 1; ; attempt++) {
            var failure = attempt(address, file, maxBytes);
            if (failure.isEmpty()) {
                return;
            }
            if (!failure.get().passing() || attempt == ATTEMPTS) {
                throw failure.get().failure();
            }
            progress.say("%s; asking again", failure.get().failure().getMessage());
            sleep(pause);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    private record Refusal(StepFailure failure, boolean passing) {}

    private Optional<Refusal> attempt(URI address, Path file, long maxBytes) throws StepFailure {
        HttpURLConnection http = null;
        try {
            http = connect(address);
            var status = http.getResponseCode();
            if (status != HttpURLConnection.HTTP_OK && status != HttpURLConnection.HTTP_NO_CONTENT) {
                return Optional.of(refused(address, status));
            }
            long bytes = 0;
            var buffer = new byte[1 << 16];
            try (var in = http.getInputStream();
                    var out = Files.newOutputStream(file)) {
                for (int n; (n = in.read(buffer)) >= 0; ) {
                    bytes += n;
                    if (bytes > maxBytes) {
                        throw StepFailure.rejected(
                                "SourceTooLarge",
                                "expected at most %s from %s at a time: ask for less with {{start}} and {{end}}, or with pages"
                                        .formatted(ByteSize.show(maxBytes), shown(address)));
                    }
                    out.write(buffer, 0, n);
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(new Refusal(
                    StepFailure.failed(
                            Reasons.SOURCE_UNAVAILABLE,
                            shown(address) + " doesn't answer: " + e.getClass().getSimpleName() + " " + e.getMessage(),
                            e),
                    true));
        } finally {
            if (http != null) {
                http.disconnect();
            }
        }
    }

    private HttpURLConnection connect(URI address) throws IOException, StepFailure {
        if (address.getHost() == null) {
            throw StepFailure.rejected(
                    Reasons.INVALID_DEFINITION,
                    "source.http.url: expected the address of a service, found " + shown(address));
        }
        try {
            new AddressGuard(false).check(address);
        } catch (ArtifactException e) {
            throw StepFailure.rejected(
                    Reasons.INVALID_DEFINITION,
                    "source.http.url: expected the address of a service, but " + e.getMessage());
        }
        var http = (HttpURLConnection) address.toURL().openConnection();
        if (http instanceof HttpsURLConnection https) {
            trust.ifPresent(https::setSSLSocketFactory);
        }
        // A redirect may lead elsewhere, where credentials must not go.
        http.setInstanceFollowRedirects(false);
        http.setUseCaches(false);
        http.setConnectTimeout(Math.toIntExact(CONNECT.toMillis()));
        http.setReadTimeout(Math.toIntExact(READ.toMillis()));
        http.setRequestProperty("User-Agent", "tatara");
        http.setRequestProperty("Accept-Encoding", "identity");
        headers.forEach(http::setRequestProperty);
        authorization.ifPresent(value -> http.setRequestProperty("Authorization", value));
        return http;
    }

    private Refusal refused(URI address, int status) {
        var found = shown(address) + " answered " + status;
        return switch (status) {
            case HttpURLConnection.HTTP_UNAUTHORIZED, HttpURLConnection.HTTP_FORBIDDEN ->
                new Refusal(
                        authorization.isPresent()
                                ? StepFailure.failed("SourceUnreadable", found + " though credentials were sent", null)
                                : StepFailure.failed(
                                        "SecretMissing",
                                        found + " and no credentials were given: name a Secret with the key token, or"
                                                + " username and password",
                                        null),
                        false);
            case HttpURLConnection.HTTP_NOT_FOUND, HttpURLConnection.HTTP_GONE ->
                new Refusal(StepFailure.failed(Reasons.SOURCE_NOT_FOUND, found, null), false);
            case HttpURLConnection.HTTP_CLIENT_TIMEOUT, 425, 429 ->
                new Refusal(StepFailure.failed(Reasons.SOURCE_UNAVAILABLE, found, null), true);
            default ->
                status >= 500
                        ? new Refusal(StepFailure.failed(Reasons.SOURCE_UNAVAILABLE, found, null), true)
                        : new Refusal(
                                StepFailure.failed(
                                        "SourceUnreadable",
                                        found + "; expected 200 (redirects are not followed: give the final address)",
                                        null),
                                false);
        };
    }

    private static void sleep(Duration pause) throws StepFailure {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw StepFailure.failed("Interrupted", "stopped while waiting for the source", e);
        }
    }

    /** Scheme, host and port. */
    static String origin(URI address) {
        var port = address.getPort() >= 0 ? address.getPort() : "https".equals(address.getScheme()) ? 443 : 80;
        return address.getScheme() + "://" + address.getHost() + ":" + port;
    }

    /** An address fit for messages: its query may hold secrets. */
    static String shown(URI address) {
        return address.toString().replaceFirst("//[^/@]*@", "//").replaceFirst("[?#].*", "");
    }
}
