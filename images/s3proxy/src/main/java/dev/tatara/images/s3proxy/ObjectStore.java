package dev.tatara.images.s3proxy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.file.Files;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;

/**
 * An S3 store of one process for demos and tests: signatures (version 2 or 4) are checked, objects lie in a folder or
 * in memory, and the buckets are there as soon as it answers. Not for production: no replicas, no encryption, no
 * quotas.
 */
final class ObjectStore implements AutoCloseable {

    private final S3Proxy server;

    private ObjectStore(S3Proxy server) {
        this.server = server;
    }

    /**
     * Starts the store and returns once it listens.
     *
     * @throws IOException if the folder can't be made
     */
    static ObjectStore start(StoreSettings settings) throws Exception {
        var objects = objects(settings);
        for (var bucket : settings.buckets()) {
            if (!objects.containerExists(bucket)) {
                objects.createContainer(bucket);
            }
        }
        var server = S3Proxy.builder()
                .blobStore(objects)
                .endpoint(URI.create("http://0.0.0.0:" + settings.port()))
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, settings.accessKey(), settings.secretKey())
                .ignoreUnknownHeaders(true)
                .build();
        server.start();
        return new ObjectStore(server);
    }

    private static BlobStore objects(StoreSettings settings) throws IOException {
        if (settings.folder().isEmpty()) {
            return new TransientNio2BlobStore();
        }
        var folder = Files.createDirectories(settings.folder().orElseThrow());
        return new FilesystemNio2BlobStore(folder.toString());
    }

    int port() {
        return server.getPort();
    }

    @Override
    public void close() throws IOException {
        try {
            server.stop();
        } catch (InterruptedException interruption) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the store was stopping");
        } catch (Exception failure) {
            throw new IOException("the store did not stop: " + failure.getMessage(), failure);
        }
    }
}
