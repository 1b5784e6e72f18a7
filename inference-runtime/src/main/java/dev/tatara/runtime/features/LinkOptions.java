package dev.tatara.runtime.features;

import dev.tatara.features.redis.RedisAccess;
import dev.tatara.features.redis.RedisException;
import dev.tatara.features.redis.TrustedCertificates;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.TrustOptions;
import io.vertx.redis.client.RedisOptions;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.TrustManagerFactory;

/** How to connect to a Redis, in the client's terms. Reads certificates: not for event loops. */
final class LinkOptions {
    private static final int CONNECT_MILLIS = 2_000;
    /** More than are ever sent without an answer. */
    private static final int MOST_SENT = 16_384;

    private LinkOptions() {}

    static RedisOptions of(RedisAccess access) throws RedisException {
        NetClientOptions net =
                new NetClientOptions().setTcpKeepAlive(true).setTcpNoDelay(true).setConnectTimeout(CONNECT_MILLIS);
        if (access.tls()) {
            net.setSsl(true)
                    .setHostnameVerificationAlgorithm("HTTPS")
                    .setSslHandshakeTimeout(CONNECT_MILLIS)
                    .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
            if (access.caCertificate().isPresent()) {
                net.setTrustOptions(TrustOptions.wrap(trust(access)));
            }
        }
        return new RedisOptions()
                .setConnectionString(uri(access))
                .setNetClientOptions(net)
                .setMaxPoolSize(1)
                .setMaxPoolWaiting(1)
                .setPoolCleanerInterval(-1)
                .setMaxWaitingHandlers(MOST_SENT);
    }

    private static javax.net.ssl.TrustManager trust(RedisAccess access) throws RedisException {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(TrustedCertificates.of(access));
            return factory.getTrustManagers()[0];
        } catch (GeneralSecurityException e) {
            throw new RedisException(
                    RedisException.Kind.CredentialsMissing,
                    "the certificates for " + access.address() + " can't be used: " + e.getMessage(),
                    e);
        }
    }

    private static String uri(RedisAccess access) {
        String host = access.host().indexOf(':') >= 0 ? "[" + access.host() + "]" : access.host();
        String login = access.password()
                .map(password -> encoded(access.username().orElse("default")) + ":" + encoded(password) + "@")
                .orElse("");
        return (access.tls() ? "rediss://" : "redis://") + login + host + ":" + access.port() + "/" + access.database();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
