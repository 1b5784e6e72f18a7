package dev.tatara.features.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tatara.testing.LocalServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A real Redis on a port of its own, with nothing on disk: what it keeps is gone after {@link #stop()}. The program comes
 * from {@code hack/tools redis}; another one can be named by the system property {@code tatara.test.redis}.
 */
public final class RedisServer implements AutoCloseable {
    private static final Duration GENEROUS = Duration.ofMinutes(1);

    private final LocalServer server = LocalServer.named("Redis");
    private final List<String> options;

    private RedisServer(List<String> options) {
        this.options = options;
    }

    /**
     * A Redis that answers.
     *
     * @param options of {@code redis-server}'s command line
     */
    public static RedisServer startWith(String... options) {
        RedisServer server = new RedisServer(List.of(options));
        server.start();
        return server;
    }

    /** Starts it, empty, and waits until it answers. */
    public void start() {
        List<String> command = new ArrayList<>(List.of(
                program().toString(),
                "--port",
                Integer.toString(server.port()),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--dir",
                server.folder().toString()));
        command.addAll(options);
        server.start(new ProcessBuilder(command), GENEROUS, this::answers);
    }

    /** From now on connections are refused. */
    public void stop() {
        server.stop();
    }

    public int port() {
        return server.port();
    }

    /** A folder as a mounted Secret would be, with this Redis' URL. */
    public Path writeSecret(Path secret) {
        return writeSecret(secret, Map.of("url", "redis://127.0.0.1:" + port()));
    }

    /** A folder as a mounted Secret would be. */
    public static Path writeSecret(Path secret, Map<String, String> keys) {
        try {
            Files.createDirectories(secret);
            for (var key : keys.entrySet()) {
                Files.writeString(secret.resolve(key.getKey()), key.getValue() + "\n");
            }
            return secret;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What Redis answers to a command: a {@code Long}, {@code byte[]}, {@code List} or null.
     *
     * @param arguments texts, {@code byte[]}, numbers
     */
    public Object command(Protocol.Command command, Object... arguments) {
        try (Connection connection = connect()) {
            byte[][] bytes = Arrays.stream(arguments)
                    .map(argument -> argument instanceof byte[] raw
                            ? raw
                            : argument.toString().getBytes(UTF_8))
                    .toArray(byte[][]::new);
            connection.sendCommand(command, bytes);
            return connection.getOne();
        }
    }

    @Override
    public void close() {
        server.close();
    }

    /** Whether it answers anything: an error, for want of a password, say, is an answer too. */
    private boolean answers() {
        try (Connection connection = connect()) {
            connection.sendCommand(Protocol.Command.PING);
            connection.getOne();
            return true;
        } catch (JedisDataException e) {
            return !e.getMessage().startsWith("LOADING");
        } catch (JedisException e) {
            return false;
        }
    }

    private Connection connect() {
        return new Connection(
                new HostAndPort("127.0.0.1", port()),
                DefaultJedisClientConfig.builder()
                        .resp2()
                        .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
                        .build());
    }

    private static Path program() {
        String named = System.getProperty("tatara.test.redis", "");
        return Optional.of(named)
                .filter(name -> !name.isEmpty())
                .map(Path::of)
                .or(() -> Arrays.stream(System.getenv("PATH").split(":"))
                        .map(folder -> Path.of(folder, "redis-server"))
                        .filter(Files::isExecutable)
                        .findFirst())
                .filter(Files::isExecutable)
                .orElseThrow(
                        () -> new IllegalStateException(
                                "expected the program redis-server, found none: run hack/tools redis, or set -Dtatara.test.redis"));
    }
}
