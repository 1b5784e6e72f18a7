package dev.tatara.features.writer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tatara.features.redis.RedisAccess;
import dev.tatara.features.redis.RedisException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.DefaultJedisSocketFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisException;

/** A connection whose commands are sent without waiting for the answers to those before. */
final class RedisLink extends Connection {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration SILENCE = Duration.ofSeconds(30);
    private static final byte[] SCRIPT = read("write-newer.lua");

    private byte[] script;

    private RedisLink(HostAndPort address, JedisClientConfig config) {
        super(new DefaultJedisSocketFactory(address, config), config);
    }

    /**
     * Connects, logs in and hands over the script.
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
        RedisLink link = new RedisLink(new HostAndPort(access.host(), access.port()), config.build());
        try {
            link.send(Command.SCRIPT, "LOAD".getBytes(US_ASCII), SCRIPT);
            link.script = link.getBinaryBulkReply();
            return link;
        } catch (JedisException e) {
            link.drop();
            throw e;
        }
    }

    /** What the script is called with. */
    byte[] script() {
        return script;
    }

    void send(Command command, byte[]... arguments) {
        sendCommand(command, arguments);
    }

    /** Sends off what lies in the buffer. */
    void push() {
        flush();
    }

    /** Closes it, whatever state it is in. */
    void drop() {
        try {
            forceDisconnect();
        } catch (IOException e) {
            // What is broken may not close well either; nothing that was acknowledged depends on it.
            return;
        }
    }

    private static byte[] read(String script) {
        try (var in = RedisLink.class.getResourceAsStream(script)) {
            return new String(in.readAllBytes(), UTF_8).getBytes(UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
