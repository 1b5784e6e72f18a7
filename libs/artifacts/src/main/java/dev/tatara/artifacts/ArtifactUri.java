package dev.tatara.artifacts;

import dev.tatara.artifacts.ArtifactException.Kind;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * Where an artifact lies. {@code toString()} is fit for messages and logs: user info and query (which may carry a
 * signature) are left out; {@link #external()} is the whole address.
 */
public sealed interface ArtifactUri {
    /** The address in full, as it can be parsed again. */
    String external();

    /** The address of something below this one, a {@code /} between the two. */
    ArtifactUri resolve(String relative);

    /**
     * The path from a folder to this, without a slash at its beginning: {@link #resolve} turned round.
     *
     * @throws IllegalArgumentException where this doesn't lie below that folder
     */
    default String below(ArtifactUri folder) {
        if (this instanceof S3 object
                && folder instanceof S3 prefix
                && object.bucket.equals(prefix.bucket)
                && object.key.startsWith(prefix.key)) {
            return object.key.substring(prefix.key.length()).replaceFirst("^/", "");
        }
        if (this instanceof LocalFile file && folder instanceof LocalFile parent && file.path.startsWith(parent.path)) {
            return parent.path.relativize(file.path).toString();
        }
        throw new IllegalArgumentException("expected something below " + folder + ", found " + this);
    }

    /**
     * Reads an address.
     *
     * @throws ArtifactException of kind {@link Kind#Unsupported} where the text names no store that this library knows
     */
    static ArtifactUri parse(String text) throws ArtifactException {
        var scheme = text.indexOf("://");
        if (scheme < 1) {
            throw unsupported("expected a URI such as s3://bucket/key, https://host/path or file:///path, found: "
                    + withoutSecrets(text));
        }
        return switch (text.substring(0, scheme).toLowerCase(Locale.ROOT)) {
            case "s3" -> s3(text.substring(scheme + 3), text);
            case "http", "https" -> web(text);
            case "file" -> file(text);
            case "pvc" ->
                throw unsupported(withoutSecrets(text)
                        + " names a volume of the cluster. The operator mounts it and passes file:///…; outside the"
                        + " cluster, give the file's own address");
            case "mlflow" ->
                throw unsupported("mlflow:// names a registered model, which only the source of a ModelVersion may be"
                        + " (and inspect-model): give the s3:// or https:// address of the file, found: "
                        + withoutSecrets(text));
            default ->
                throw unsupported("expected one of the schemes s3, https, http, file; found: " + withoutSecrets(text));
        };
    }

    /** An object, or a prefix of objects, in a bucket. The key has no leading slash and may be empty. */
    record S3(String bucket, String key) implements ArtifactUri {
        public S3 {
            Objects.requireNonNull(bucket, "bucket");
            Objects.requireNonNull(key, "key");
        }

        @Override
        public String external() {
            return "s3://" + bucket + "/" + key;
        }

        @Override
        public S3 resolve(String relative) {
            checkRelative(relative);
            return new S3(bucket, key.isEmpty() || key.endsWith("/") ? key + relative : key + "/" + relative);
        }

        @Override
        public String toString() {
            return external();
        }
    }

    /** A file on a web server; read-only. */
    record Web(URI address) implements ArtifactUri {
        public Web {
            Objects.requireNonNull(address, "address");
        }

        @Override
        public String external() {
            return address.toString();
        }

        @Override
        public Web resolve(String relative) {
            checkRelative(relative);
            var path = address.getRawPath() == null ? "" : address.getRawPath();
            var below = path.endsWith("/") ? path + relative : path + "/" + relative;
            return new Web(URI.create(address.getScheme() + "://" + address.getRawAuthority() + below));
        }

        @Override
        public String toString() {
            return withoutSecrets(address.toString());
        }
    }

    /** A file, or a folder of files, on a disk of this machine. */
    record LocalFile(Path path) implements ArtifactUri {
        public LocalFile {
            path = path.toAbsolutePath().normalize();
        }

        @Override
        public String external() {
            return path.toUri().toString();
        }

        @Override
        public LocalFile resolve(String relative) {
            checkRelative(relative);
            return new LocalFile(path.resolve(relative));
        }

        @Override
        public String toString() {
            return "file://" + path;
        }
    }

    private static S3 s3(String rest, String text) throws ArtifactException {
        var slash = rest.indexOf('/');
        var bucket = slash < 0 ? rest : rest.substring(0, slash);
        var key = slash < 0 ? "" : rest.substring(slash + 1);
        if (!bucket.matches("[A-Za-z0-9][A-Za-z0-9._-]{1,254}")) {
            throw unsupported("expected s3://bucket/key, found: " + withoutSecrets(text));
        }
        if (Arrays.asList(key.split("/", -1)).contains("..")) {
            throw unsupported("a key must not have '..' in it, found: " + text);
        }
        return new S3(bucket, key);
    }

    private static Web web(String text) throws ArtifactException {
        try {
            var uri = new URI(text);
            if (uri.getHost() == null) {
                throw unsupported("expected https://host/path, found: " + withoutSecrets(text));
            }
            if (uri.getRawUserInfo() != null) {
                throw unsupported("a user and password don't belong into an address; put them into the Secret under"
                        + " the keys username and password: " + withoutSecrets(text));
            }
            return new Web(uri);
        } catch (URISyntaxException e) {
            throw unsupported("not a valid address (" + e.getReason() + "): " + withoutSecrets(text));
        }
    }

    private static LocalFile file(String text) throws ArtifactException {
        try {
            var uri = new URI(text.replace(" ", "%20"));
            if (uri.getAuthority() != null
                    || uri.getPath() == null
                    || uri.getPath().isEmpty()) {
                throw unsupported("expected file:///absolute/path, found: " + text);
            }
            return new LocalFile(Path.of(uri.getPath()));
        } catch (URISyntaxException | InvalidPathException e) {
            throw unsupported("expected file:///absolute/path, found: " + text);
        }
    }

    private static void checkRelative(String relative) {
        if (relative.isEmpty()
                || relative.startsWith("/")
                || Arrays.asList(relative.split("/", -1)).contains("..")) {
            throw new IllegalArgumentException(
                    "expected a path below the store, without '..' and leading slash, found: " + relative);
        }
    }

    private static ArtifactException unsupported(String message) {
        return new ArtifactException(Kind.Unsupported, message);
    }

    private static String withoutSecrets(String text) {
        return text.replaceFirst("//[^/@]*@", "//").replaceFirst("[?#].*", "");
    }
}
