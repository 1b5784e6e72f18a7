package dev.tatara.features.redis;

import dev.tatara.features.redis.RedisException.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Where a Redis is and how it lets one in.
 *
 * @param host its name or address
 * @param port its port
 * @param tls whether the connection is encrypted
 * @param database the number of the database
 * @param username the user; empty for Redis' default user
 * @param password the password; empty for none
 * @param caCertificate PEM certificates that are trusted besides the platform's; empty for none
 */
public record RedisAccess(
        String host,
        int port,
        boolean tls,
        int database,
        Optional<String> username,
        Optional<String> password,
        Optional<String> caCertificate) {
    private static final int DEFAULT_PORT = 6379;
    private static final long MAX_FILE_BYTES = 1 << 20;
    private static final List<String> KEYS =
            List.of("url", "host", "port", "tls", "database", "username", "password", "ca.crt");

    /** A Redis without password and encryption. */
    public static RedisAccess of(String host, int port) {
        return new RedisAccess(host, port, false, 0, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /**
     * What a mounted Secret says: either {@code url} ({@code redis://} or, encrypted, {@code rediss://}) or {@code host}
     * with {@code port}, {@code tls} and {@code database}; in both cases {@code username}, {@code password} and {@code
     * ca.crt}. Read once: for a rotated Secret, read it again.
     *
     * @param folder one file per key
     * @param secretName how messages call it; null to name the folder
     * @throws RedisException of kind {@link Kind#CredentialsMissing}
     */
    public static RedisAccess ofSecret(Path folder, String secretName) throws RedisException {
        var whence = secretName == null ? "the Redis credentials in " + folder : "Secret " + secretName;
        var keys = read(folder, whence);
        RedisAccess access;
        if (keys.containsKey("url")) {
            access = ofUrl(keys.get("url"), whence);
        } else if (keys.containsKey("host")) {
            var port = keys.containsKey("port") ? number("port", keys.get("port"), 1, 65_535, whence) : DEFAULT_PORT;
            var tls = keys.containsKey("tls") ? truth(keys.get("tls"), whence) : keys.containsKey("ca.crt");
            access = new RedisAccess(
                    keys.get("host"), port, tls, 0, Optional.empty(), Optional.empty(), Optional.empty());
        } else {
            throw new RedisException(
                    Kind.CredentialsMissing,
                    "expected the key url (redis://host:6379) or host in " + whence + ", found "
                            + (keys.isEmpty() ? "none of the known keys" : keys.keySet())
                            + ": create or complete it in the namespace of the resource");
        }
        if (keys.containsKey("ca.crt") && !access.tls()) {
            throw new RedisException(
                    Kind.CredentialsMissing,
                    whence
                            + " has a ca.crt, and a connection that isn't encrypted: write rediss:// (or tls: \"true\"), or"
                            + " take ca.crt out");
        }
        return new RedisAccess(
                access.host,
                access.port,
                access.tls,
                keys.containsKey("database")
                        ? number("database", keys.get("database"), 0, 1 << 20, whence)
                        : access.database,
                Optional.ofNullable(keys.get("username")).or(access::username),
                Optional.ofNullable(keys.get("password")).or(access::password),
                Optional.ofNullable(keys.get("ca.crt")));
    }

    /** Where it is, for messages. */
    public String address() {
        return (tls ? "rediss://" : "redis://") + host + ":" + port + (database == 0 ? "" : "/" + database);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return address();
    }

    private static RedisAccess ofUrl(String url, String whence) throws RedisException {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            // Without the cause, whose message is the URL with the password in it.
            throw malformed(
                    whence,
                    "something that is no URL at index " + e.getIndex()
                            + " (characters such as @, / and # in a password are written as %40, %2F and %23)");
        }
        var tls = "rediss".equals(uri.getScheme());
        if (!tls && !"redis".equals(uri.getScheme())) {
            throw malformed(whence, "the scheme " + uri.getScheme());
        }
        if (uri.getHost() == null || uri.getHost().isEmpty()) {
            throw malformed(whence, "no host");
        }
        var path = Optional.ofNullable(uri.getPath()).orElse("").replaceFirst("^/", "");
        var database = path.isEmpty() ? 0 : number("url, behind the host", path, 0, 1 << 20, whence);
        var user = Optional.ofNullable(uri.getRawUserInfo()).orElse("").split(":", 2);
        return new RedisAccess(
                uri.getHost().replaceAll("^\\[|]$", ""),
                uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
                tls,
                database,
                Optional.of(decoded(user[0])).filter(name -> !name.isEmpty()),
                user.length < 2
                        ? Optional.empty()
                        : Optional.of(decoded(user[1])).filter(word -> !word.isEmpty()),
                Optional.empty());
    }

    /** A plus is a plus here, unlike in forms. */
    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static RedisException malformed(String whence, String found) {
        return new RedisException(
                Kind.CredentialsMissing,
                "expected redis://[user:password@]host[:port][/database] or rediss://… under the key url of " + whence
                        + ", found " + found);
    }

    private static int number(String key, String text, int least, int most, String whence) throws RedisException {
        try {
            var number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below, as what is out of range.
            return outOfRange(key, least, most, whence);
        }
        return outOfRange(key, least, most, whence);
    }

    private static int outOfRange(String key, int least, int most, String whence) throws RedisException {
        throw new RedisException(
                Kind.CredentialsMissing,
                "expected a number from " + least + " to " + most + " under the key " + key + " of " + whence);
    }

    private static boolean truth(String text, String whence) throws RedisException {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw new RedisException(
                        Kind.CredentialsMissing, "expected true or false under the key tls of " + whence);
        };
    }

    /** The keys that are there and not blank, trimmed. */
    private static Map<String, String> read(Path folder, String whence) throws RedisException {
        var values = new TreeMap<String, String>();
        for (var key : KEYS) {
            var file = folder.resolve(key);
            if (!Files.exists(file)) {
                continue;
            }
            try {
                if (Files.size(file) > MAX_FILE_BYTES) {
                    throw new RedisException(
                            Kind.CredentialsMissing, "the key " + key + " of " + whence + " is larger than 1 MiB");
                }
                var value = Files.readString(file).strip();
                if (!value.isEmpty()) {
                    values.put(key, value);
                }
            } catch (RedisException e) {
                throw e;
            } catch (AccessDeniedException e) {
                throw new RedisException(
                        Kind.CredentialsMissing,
                        "the key " + key + " of " + whence + " can't be read by this user (" + file
                                + "): set the volume's defaultMode to 0440 and fsGroup, or fix the file's mode",
                        e);
            } catch (IOException e) {
                throw new RedisException(
                        Kind.CredentialsMissing, "the key " + key + " of " + whence + " can't be read: " + file, e);
            }
        }
        return values;
    }
}
