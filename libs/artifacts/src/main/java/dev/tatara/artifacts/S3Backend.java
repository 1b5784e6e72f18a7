package dev.tatara.artifacts;

import dev.tatara.artifacts.ArtifactException.Kind;
import dev.tatara.artifacts.ArtifactUri.S3;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Artifacts as objects of an S3 store. An upload that breaks off leaves nothing that a reader could see. */
final class S3Backend implements Backend<S3> {
    /** Up to this size one request does; beyond it the upload goes in parts of at least this size. */
    static final long PART_BYTES = 32L << 20;

    private static final int MAX_PARTS = 10_000;
    private static final String CONTENT_TYPE = "application/octet-stream";

    /** A socket's writes have no time-out of their own: 32 MiB within five minutes is a line of 1 Mbit/s. */
    private static final AwsRequestOverrideConfiguration UPLOAD = AwsRequestOverrideConfiguration.builder()
            .apiCallAttemptTimeout(Duration.ofMinutes(5))
            .build();

    private final S3Connection connection;
    private final S3Failures failures;
    private final long partBytes;

    S3Backend(StoreSettings settings, Map<String, String> environment, long partBytes) {
        this.connection = new S3Connection(settings, environment);
        this.failures = new S3Failures(connection);
        this.partBytes = partBytes;
    }

    @Override
    public ArtifactEntry stat(S3 uri) throws ArtifactException {
        return call(uri, client -> {
            var head = client.headObject(request -> request.bucket(uri.bucket()).key(uri.key()));
            return new ArtifactEntry(
                    uri, head.contentLength(), Objects.requireNonNullElse(head.lastModified(), Instant.EPOCH));
        });
    }

    @Override
    public Opened open(S3 uri, long offset, String tag) throws ArtifactException {
        return call(uri, client -> {
            try {
                return get(client, uri, offset, tag);
            } catch (S3Exception e) {
                if (offset > 0 && (e.statusCode() == 412 || e.statusCode() == 416)) {
                    // Overwritten since the transfer began: take the new bytes from their start.
                    return get(client, uri, 0, null);
                }
                throw e;
            }
        });
    }

    private static Opened get(S3Client client, S3 uri, long offset, String tag) {
        var body = client.getObject(request -> request.bucket(uri.bucket())
                .key(uri.key())
                .range(offset > 0 ? "bytes=" + offset + "-" : null)
                .ifMatch(offset > 0 ? tag : null));
        var answer = body.response();
        var partial = answer.contentRange() != null;
        var startsAt = partial ? offset : 0;
        return new Opened(new Body(body), startsAt, startsAt + answer.contentLength(), answer.eTag());
    }

    @Override
    public void put(S3 uri, Content content) throws ArtifactException {
        try {
            call(uri, client -> upload(client, uri, content, null));
        } catch (ArtifactException e) {
            throw refusalBehind(uri, e);
        }
    }

    /**
     * A store may refuse an upload and hang up while the body is still being sent; its answer is lost then. A question
     * without a body gets it.
     */
    private ArtifactException refusalBehind(S3 uri, ArtifactException e) {
        if (e.kind() == Kind.Unavailable) {
            try {
                stat(uri);
            } catch (ArtifactException answer) {
                if (answer.kind() == Kind.AccessDenied) {
                    answer.addSuppressed(e);
                    return answer;
                }
            }
        }
        return e;
    }

    @Override
    public boolean putIfAbsent(S3 uri, Content content) throws ArtifactException {
        // Asking first spares the upload where the answer is known; the condition decides the race.
        if (isThere(uri)) {
            return false;
        }
        return call(uri, client -> {
            try {
                return upload(client, uri, content, "*");
            } catch (S3Exception e) {
                return switch (e.statusCode()) {
                    case 412 -> false;
                    // Another conditional write of the same key is under way, and it or ours will win.
                    case 409 -> !isThere(uri) && upload(client, uri, content, "*");
                    // A store without conditional writes: the last writer wins, whole all the same.
                    case 501 -> upload(client, uri, content, null);
                    default -> throw e;
                };
            }
        });
    }

    private boolean isThere(S3 uri) throws ArtifactException {
        try {
            stat(uri);
            return true;
        } catch (ArtifactException e) {
            if (e.kind() == Kind.NotFound) {
                return false;
            }
            throw e;
        }
    }

    private boolean upload(S3Client client, S3 uri, Content content, String ifNoneMatch) {
        if (content.sizeBytes() > partBytes) {
            return uploadInParts(client, uri, content, ifNoneMatch);
        }
        var sha256 = Base64.getEncoder()
                .encodeToString(HexFormat.of().parseHex(content.digested().sha256()));
        client.putObject(
                request -> request.bucket(uri.bucket())
                        .key(uri.key())
                        .contentType(CONTENT_TYPE)
                        .checksumSHA256(sha256)
                        .ifNoneMatch(ifNoneMatch)
                        .overrideConfiguration(UPLOAD),
                RequestBody.fromContentProvider(() -> content.open(0), content.sizeBytes(), CONTENT_TYPE));
        return true;
    }

    private boolean uploadInParts(S3Client client, S3 uri, Content content, String ifNoneMatch) {
        var size = Math.max(partBytes, content.sizeBytes() / MAX_PARTS + 1);
        var upload = client.createMultipartUpload(
                        request -> request.bucket(uri.bucket()).key(uri.key()).contentType(CONTENT_TYPE))
                .uploadId();
        var done = false;
        try {
            var parts = new ArrayList<CompletedPart>();
            for (long offset = 0; offset < content.sizeBytes(); offset += size) {
                var start = offset;
                var length = Math.min(size, content.sizeBytes() - offset);
                var number = parts.size() + 1;
                var part = client.uploadPart(
                        request -> request.bucket(uri.bucket())
                                .key(uri.key())
                                .uploadId(upload)
                                .partNumber(number)
                                .overrideConfiguration(UPLOAD),
                        RequestBody.fromContentProvider(
                                () -> new Stretch(content.open(start), length), length, CONTENT_TYPE));
                parts.add(CompletedPart.builder()
                        .partNumber(number)
                        .eTag(part.eTag())
                        .build());
            }
            client.completeMultipartUpload(request -> request.bucket(uri.bucket())
                    .key(uri.key())
                    .uploadId(upload)
                    .ifNoneMatch(ifNoneMatch)
                    .multipartUpload(completed -> completed.parts(parts)));
            done = true;
            return true;
        } finally {
            if (!done) {
                abort(client, uri, upload);
            }
        }
    }

    /** Gives the parts' room back. What led here matters more than whether this works. */
    private static void abort(S3Client client, S3 uri, String upload) {
        try {
            client.abortMultipartUpload(
                    request -> request.bucket(uri.bucket()).key(uri.key()).uploadId(upload));
        } catch (SdkException e) {
            System.getLogger(S3Backend.class.getName())
                    .log(System.Logger.Level.DEBUG, "an unfinished upload of {0} stays behind: {1}", uri, e);
        }
    }

    @Override
    public ArtifactPage list(S3 prefix, String after, int limit) throws ArtifactException {
        var folder = prefix.key().isEmpty() || prefix.key().endsWith("/") ? prefix.key() : prefix.key() + "/";
        return call(prefix, client -> {
            var answer = client.listObjectsV2(request -> request.bucket(prefix.bucket())
                    .prefix(folder)
                    .startAfter(after == null ? null : folder + after)
                    .maxKeys(limit));
            var entries = answer.contents().stream()
                    .map(object -> new ArtifactEntry(
                            new S3(prefix.bucket(), object.key()),
                            object.size(),
                            Objects.requireNonNullElse(object.lastModified(), Instant.EPOCH)))
                    .toList();
            var more = Boolean.TRUE.equals(answer.isTruncated()) && !entries.isEmpty();
            var last = more ? answer.contents().getLast().key() : null;
            return new ArtifactPage(entries, last == null ? null : last.substring(folder.length()));
        });
    }

    @Override
    public void delete(S3 uri) throws ArtifactException {
        call(
                uri,
                client -> client.deleteObject(
                        request -> request.bucket(uri.bucket()).key(uri.key())));
    }

    @Override
    public void close() {
        connection.close();
    }

    private <T> T call(S3 uri, Call<T> call) throws ArtifactException {
        var client = connection.client();
        try {
            return call.run(client);
        } catch (SdkException e) {
            throw failures.of(uri, e);
        } catch (UncheckedIOException e) {
            throw new ArtifactException(Kind.Local, e.getMessage(), e);
        }
    }

    @FunctionalInterface
    private interface Call<T> {
        T run(S3Client client) throws ArtifactException;
    }

    /** Hangs up when closed early instead of reading the rest. */
    private static final class Body extends FilterInputStream {
        private final ResponseInputStream<GetObjectResponse> response;
        private boolean atEnd;

        Body(ResponseInputStream<GetObjectResponse> response) {
            super(response);
            this.response = response;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            var n = response.read(buffer, offset, length);
            atEnd = n < 0;
            return n;
        }

        @Override
        public void close() throws IOException {
            if (atEnd) {
                response.close();
            } else {
                response.abort();
            }
        }
    }

    /** At most so many bytes of a stream. */
    private static final class Stretch extends FilterInputStream {
        private long left;

        Stretch(InputStream in, long length) {
            super(in);
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            if (left == 0) {
                return -1;
            }
            var value = in.read();
            left -= value < 0 ? 0 : 1;
            return value;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            var n = in.read(buffer, offset, (int) Math.min(length, left));
            left -= Math.max(0, n);
            return n;
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
