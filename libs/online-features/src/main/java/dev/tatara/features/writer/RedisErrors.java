package dev.tatara.features.writer;

import dev.tatara.features.redis.RedisAccess;
import dev.tatara.features.redis.RedisException;
import dev.tatara.features.redis.RedisException.Kind;
import java.io.EOFException;
import java.net.SocketException;
import java.util.Set;
import javax.net.ssl.SSLException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/** What Jedis' exceptions mean, by the first word of what Redis said. */
final class RedisErrors {
    private static final Set<String> DENIED = Set.of("WRONGPASS", "NOAUTH", "NOPERM", "DENIED");
    /** Redis starts, fails over, or can't write for the moment; NOSCRIPT: it was emptied in the meantime. */
    private static final Set<String> PASSING = Set.of(
            "LOADING",
            "BUSY",
            "MASTERDOWN",
            "READONLY",
            "MISCONF",
            "NOREPLICAS",
            "TRYAGAIN",
            "CLUSTERDOWN",
            "NOSCRIPT");

    private static final Set<String> CLUSTER = Set.of("MOVED", "ASK", "CROSSSLOT");

    private RedisErrors() {}

    static RedisException explain(JedisException e, RedisAccess access) {
        var said = String.valueOf(e.getMessage()).strip();
        var word = said.split("[ :]", 2)[0];
        var at = access.address();
        if (e instanceof JedisConnectionException) {
            var tls = cause(e, SSLException.class);
            // A handshake that breaks off is a server that goes or comes.
            if (tls != null && cause(e, EOFException.class) == null && cause(e, SocketException.class) == null) {
                return new RedisException(
                        Kind.CredentialsMissing,
                        "expected an encrypted connection to " + at + ", found " + tls.getMessage()
                                + ": a private authority belongs into the Secret under the key ca.crt, and the"
                                + " certificate must name the host",
                        e);
            }
            return new RedisException(Kind.Unavailable, "Redis at " + at + " can't be reached: " + innermost(e), e);
        }
        if (DENIED.contains(word)) {
            return new RedisException(
                    Kind.AccessDenied,
                    "Redis at " + at + " refuses access: " + said
                            + ". Check username and password in its Secret; the user needs the keys of the project and"
                            + " +evalsha +script|load +hget +hset +pexpire",
                    e);
        }
        if (PASSING.contains(word) || said.startsWith("ERR max number of clients")) {
            return new RedisException(Kind.Unavailable, "Redis at " + at + " is not ready: " + said, e);
        }
        if (word.equals("OOM")) {
            return new RedisException(
                    Kind.Full,
                    "Redis at " + at
                            + " has no memory left: raise maxmemory, or set keyTtl so that keys go by themselves",
                    e);
        }
        if (CLUSTER.contains(word)) {
            return new RedisException(
                    Kind.Unsuitable,
                    "expected a Redis that holds all keys, found a node of a Redis Cluster at " + at
                            + ": name a Redis without cluster mode",
                    e);
        }
        if (said.contains("WRONGTYPE")) {
            return new RedisException(
                    Kind.Unsuitable,
                    "Redis at " + at
                            + " has keys of this project that are no hashes: somebody else writes there; choose"
                            + " another project, database or Redis",
                    e);
        }
        return new RedisException(Kind.Unsuitable, "Redis at " + at + " refuses a command: " + said, e);
    }

    private static <T extends Throwable> T cause(Throwable e, Class<T> type) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
        }
        return null;
    }

    private static String innermost(Throwable e) {
        var cause = e;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        // Jedis hangs the failure of each address onto its own exception.
        if (cause == e && e.getSuppressed().length > 0) {
            return innermost(e.getSuppressed()[0]);
        }
        return String.valueOf(cause.getMessage());
    }
}
