package dev.tatara.artifacts.testing;

import dev.tatara.testing.LocalServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;

/** A real S3 store in this process, on a port of its own. What it keeps survives {@link #stop()} and {@link #start()}. */
public final class S3Server implements AutoCloseable {
    public static final String ACCESS_KEY_ID = "test-access-key";
    public static final String SECRET_ACCESS_KEY = "test-secret-key";

    private final TransientNio2BlobStore blobs = new TransientNio2BlobStore();
    private final int port = LocalServer.freePort();
    private final Path keyStore;
    private final String keyStorePassword;
    private S3Proxy server;

    private S3Server(Path keyStore, String keyStorePassword) {
        this.keyStore = keyStore;
        this.keyStorePassword = keyStorePassword;
    }

    /** A running store with the given buckets. */
    public static S3Server startWith(String... buckets) {
        return start(new S3Server(null, null), buckets);
    }

    /** The same over TLS, with the key and certificate of a key store. */
    public static S3Server startWithTls(Path keyStore, String password, String... buckets) {
        return start(new S3Server(keyStore, password), buckets);
    }

    private static S3Server start(S3Server server, String... buckets) {
        for (var bucket : buckets) {
            server.blobs.createContainer(bucket);
        }
        server.start();
        return server;
    }

    public void start() {
        try {
            var builder = S3Proxy.builder()
                    .blobStore(blobs)
                    .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ACCESS_KEY_ID, SECRET_ACCESS_KEY);
            if (keyStore == null) {
                builder.endpoint(endpoint());
            } else {
                builder.secureEndpoint(endpoint()).keyStore(keyStore.toString(), keyStorePassword);
            }
            server = builder.build();
            server.start();
        } catch (Exception e) {
            throw new IllegalStateException("the S3 store doesn't start on port " + port, e);
        }
    }

    /** From now on connections are refused. */
    public void stop() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the S3 store doesn't stop", e);
        }
    }

    public URI endpoint() {
        return URI.create((keyStore == null ? "http" : "https") + "://127.0.0.1:" + port);
    }

    public int port() {
        return port;
    }

    /** A folder as a mounted Secret would be, with the right keys and this store's endpoint. */
    public Path writeSecret(Path folder) {
        return writeSecret(
                folder,
                Map.of(
                        "AWS_ACCESS_KEY_ID", ACCESS_KEY_ID,
                        "AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY,
                        "AWS_ENDPOINT_URL", endpoint().toString()));
    }

    /** A folder as a mounted Secret would be. */
    public static Path writeSecret(Path folder, Map<String, String> keys) {
        try {
            Files.createDirectories(folder);
            for (var key : keys.entrySet()) {
                Files.writeString(folder.resolve(key.getKey()), key.getValue() + "\n");
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many uploads in parts are under way. */
    public int unfinishedUploads(String bucket) {
        return blobs.listMultipartUploads(bucket).size();
    }

    @Override
    public void close() {
        stop();
    }
}
