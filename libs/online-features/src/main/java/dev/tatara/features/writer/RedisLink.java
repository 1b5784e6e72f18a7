package dev.tatara.features.writer;

import dev.tatara.features.redis.RedisAccess;
import dev.tatara.features.redis.RedisException;
import java.time.Duration;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.DefaultJedisSocketFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisException;

/** A connection whose commands are sent without waiting for the answers to those before. */
final class RedisLink extends Connection {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private RedisLink(HostAndPort address, JedisClientConfig config) {
        super(new DefaultJedisSocketFactory(address, config), config);
    }

    /**
     * Connects and logs in.
     *
     * @throws JedisException as Jedis has it; {@link RedisErrors} knows what it means
     */
    static RedisLink open(RedisAccess access) throws RedisException {
        var config = DefaultJedisClientConfig.builder()
                .resp2()
                .connectionTimeoutMillis((int) CONNECT.toMillis())
                .socketTimeoutMillis((int) SILENCE.toMillis())
                .user(access.username().orElse(null))
                .password(access.password().orElse(null))
                .database(access.database())
                .clientSetInfoConfig(ClientSetInfoConfig.DISABLED);
        if (access.tls()) {
            config.sslOptions(Encryption.options(access));
        }
        return new RedisLink(new HostAndPort(access.host(), access.port()), config.build());
    }

    void send(Protocol.Command command, byte[]... arguments) {
        sendCommand(command, arguments);
    }

    /** Sends off what lies in the buffer. */
    void push() {
        flush();
    }
}
