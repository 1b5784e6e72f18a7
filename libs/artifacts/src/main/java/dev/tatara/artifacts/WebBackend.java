package dev.tatara.artifacts;

import dev.tatara.artifacts.ArtifactException.Kind;
import dev.tatara.artifacts.ArtifactUri.Web;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;

/**
 * Files on web servers; read-only. Redirects are followed by hand: at most five, never from https to http, never to a
 * metadata address, and credentials stay with the origin that they were given for.
 */
final class WebBackend implements Backend<Web> {
    private static final int MAX_REDIRECTS = 5;

    private final StoreSettings settings;
    private final SecretFiles secret;
    private final AddressGuard guard;
    private final Backoff backoff;

    WebBackend(StoreSettings settings) {
        this.settings = settings;
        this.secret = SecretFiles.of(settings);
        this.guard = new AddressGuard(settings.allowLinkLocal());
        this.backoff = Backoff.of(settings);
    }

    @Override
    public ArtifactEntry stat(Web uri) throws ArtifactException {
        return backoff.retrying(() -> {
            // Not HEAD: many servers and every pre-signed address refuse it. The body isn't read.
            var opened = request(uri, 0, null);
            try (var body = opened.connection()) {
                var http = body.http();
                return new ArtifactEntry(
                        uri, http.getContentLengthLong(), Instant.ofEpochMilli(Math.max(0, http.getLastModified())));
            }
        });
    }

    @Override
    public Opened open(Web uri, long offset, String tag) throws ArtifactException {
        return backoff.retrying(() -> {
            // Without a strong tag nothing says that the rest belongs to the same bytes: start anew.
            var resumable = tag != null && offset > 0;
            var answer = request(uri, resumable ? offset : 0, tag);
            var http = answer.connection().http();
            var partial = answer.status() == HttpURLConnection.HTTP_PARTIAL;
            var length = http.getContentLengthLong();
            var startsAt = partial ? offset : 0;
            var etag = http.getHeaderField("ETag");
            try {
                return new Opened(
                        new Body(http.getInputStream(), answer.connection()),
                        startsAt,
                        length < 0 ? -1 : startsAt + length,
                        etag == null || etag.startsWith("W/") ? null : etag);
            } catch (IOException e) {
                answer.connection().close();
                throw Failures.ofConnection(uri.toString(), e);
            }
        });
    }

    private Answer request(Web uri, long offset, String tag) throws ArtifactException {
        var keys = secret.read();
        var origin = uri.address();
        var address = origin;
        for (var redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            guard.check(address);
            var connection = new Connection(connect(address, keys, sameOrigin(origin, address)));
            var kept = false;
            try {
                if (offset > 0) {
                    connection.http().setRequestProperty("Range", "bytes=" + offset + "-");
                    connection.http().setRequestProperty("If-Range", tag);
                }
                var status = connection.http().getResponseCode();
                var location = connection.http().getHeaderField("Location");
                if (status >= 300 && status < 400 && location != null) {
                    address = redirected(uri, address, location);
                    continue;
                }
                check(uri, address, status, connection.http(), keys);
                kept = true;
                return new Answer(connection, status);
            } catch (ArtifactException e) {
                throw e;
            } catch (IOException e) {
                throw Failures.ofConnection(uri.toString(), e);
            } finally {
                if (!kept) {
                    connection.close();
                }
            }
        }
        throw new ArtifactException(Kind.Unsupported, uri + " redirects more than " + MAX_REDIRECTS + " times");
    }

    private HttpURLConnection connect(URI address, Map<String, String> keys, boolean withCredentials)
            throws ArtifactException {
        try {
            var http = (HttpURLConnection) address.toURL().openConnection();
            var authorities = keys.get(SecretFiles.CA_CERTIFICATE);
            if (http instanceof HttpsURLConnection tls && authorities != null) {
                tls.setSSLSocketFactory(
                        TrustedAuthorities.context(authorities, secret).getSocketFactory());
            }
            http.setInstanceFollowRedirects(false);
            http.setUseCaches(false);
            http.setConnectTimeout(Math.toIntExact(settings.connectTimeout().toMillis()));
            http.setReadTimeout(Math.toIntExact(settings.readTimeout().toMillis()));
            http.setRequestProperty("Accept", "*/*");
            http.setRequestProperty("Accept-Encoding", "identity");
            http.setRequestProperty("User-Agent", "tatara");
            if (withCredentials) {
                authorization(keys).ifPresent(value -> http.setRequestProperty("Authorization", value));
            }
            return http;
        } catch (ArtifactException e) {
            throw e;
        } catch (IOException e) {
            throw Failures.ofConnection(new Web(address).toString(), e);
        }
    }

    private static Optional<String> authorization(Map<String, String> keys) {
        var token = keys.get(SecretFiles.TOKEN);
        if (token != null) {
            return Optional.of("Bearer " + token);
        }
        var user = keys.get(SecretFiles.USERNAME);
        var password = keys.get(SecretFiles.PASSWORD);
        return user == null || password == null
                ? Optional.empty()
                : Optional.of("Basic "
                        + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8)));
    }

    private void check(Web uri, URI address, int status, HttpURLConnection http, Map<String, String> keys)
            throws ArtifactException {
        var encoding = http.getContentEncoding();
        if (status == HttpURLConnection.HTTP_OK || status == HttpURLConnection.HTTP_PARTIAL) {
            if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
                throw new ArtifactException(
                        Kind.Unsupported, "expected " + uri + " as it is, found it encoded as " + encoding);
            }
            return;
        }
        var found = new Web(address) + " answered " + status;
        throw switch (status) {
            case HttpURLConnection.HTTP_NOT_FOUND, HttpURLConnection.HTTP_GONE ->
                new ArtifactException(Kind.NotFound, "expected a file at " + uri + "; " + found);
            case HttpURLConnection.HTTP_UNAUTHORIZED, HttpURLConnection.HTTP_FORBIDDEN -> denied(uri, found, keys);
            case HttpURLConnection.HTTP_CLIENT_TIMEOUT, 416, 425, 429 ->
                new ArtifactException(Kind.Unavailable, found + " to the request for " + uri);
            default ->
                new ArtifactException(
                        status >= 500 ? Kind.Unavailable : Kind.AccessDenied, found + " to the request for " + uri);
        };
    }

    private ArtifactException denied(Web uri, String found, Map<String, String> keys) {
        if (authorization(keys).isPresent()) {
            return new ArtifactException(
                    Kind.AccessDenied,
                    found + " though credentials from " + secret.describe() + " were sent; may they read " + uri + "?");
        }
        if (secret.isGiven()) {
            return secret.missing(uri.toString(), List.of(SecretFiles.TOKEN, "or username and password"), keys);
        }
        return new ArtifactException(
                Kind.CredentialsMissing,
                found + " and no credentials were given: name a Secret with the key token, or username and password");
    }

    private static URI redirected(Web uri, URI from, String location) throws ArtifactException {
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new ArtifactException(Kind.Unsupported, uri + " redirects to something that is no address", e);
        }
        var scheme = Objects.requireNonNullElse(to.getScheme(), "");
        if (to.getHost() == null
                || !(scheme.equals("https") || (scheme.equals("http") && "http".equals(from.getScheme())))) {
            throw new ArtifactException(
                    Kind.Unsupported,
                    "expected %s to redirect to https, found a redirect to %s://%s"
                            .formatted(uri, scheme, to.getHost()));
        }
        return to;
    }

    private static boolean sameOrigin(URI left, URI right) {
        return left.getScheme().equalsIgnoreCase(right.getScheme())
                && left.getHost().equalsIgnoreCase(right.getHost())
                && port(left) == port(right);
    }

    private static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }

    @Override
    public void put(Web uri, Content content) throws ArtifactException {
        throw readOnly(uri);
    }

    @Override
    public boolean putIfAbsent(Web uri, Content content) throws ArtifactException {
        throw readOnly(uri);
    }

    @Override
    public ArtifactPage list(Web prefix, String after, int limit) throws ArtifactException {
        throw new ArtifactException(Kind.Unsupported, "a web server can't be listed: " + prefix);
    }

    @Override
    public void delete(Web uri) throws ArtifactException {
        throw readOnly(uri);
    }

    private static ArtifactException readOnly(Web uri) {
        return new ArtifactException(
                Kind.Unsupported, "web servers are read-only for Tatara; write to s3:// or file://, not to " + uri);
    }

    @Override
    public void close() {
        // Connections belong to the transfers.
    }

    private record Answer(Connection connection, int status) {}

    private record Connection(HttpURLConnection http) implements AutoCloseable {
        @Override
        public void close() {
            http.disconnect();
        }
    }

    /** Hangs up when closed early instead of reading the rest. */
    private static final class Body extends FilterInputStream {
        private final Connection connection;

        Body(InputStream in, Connection connection) {
            super(in);
            this.connection = connection;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            return in.read(buffer, offset, length);
        }

        @Override
        public void close() {
            connection.close();
        }
    }
}
