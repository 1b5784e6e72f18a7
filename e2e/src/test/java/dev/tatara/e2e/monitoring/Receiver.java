package dev.tatara.e2e.monitoring;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Somebody outside the cluster who is told: a web server on the machine of the tests that pods reach, and keeps what it is sent. */
public final class Receiver implements AutoCloseable {
    private static final String HOST = "TATARA_HOST_ADDRESS";

    private final HttpServer server;
    private final Queue<Message> messages = new ConcurrentLinkedQueue<>();

    /**
     * What was sent.
     *
     * @param path where to, which tells channels apart
     * @param id of what it is about: the header {@code Idempotency-Key}
     * @param body as it came
     */
    public record Message(String path, String id, String body) {}

    private Receiver(HttpServer server) {
        this.server = server;
    }

    public static Receiver start() {
        var host = Optional.ofNullable(System.getenv(HOST))
                .filter(value -> !value.isBlank())
                .orElseThrow(() -> new IllegalStateException("expected this machine's address in " + HOST
                        + " as hack/cluster env prints it, found none: run hack/verify --e2e"));
        try {
            var receiver = new Receiver(HttpServer.create(new InetSocketAddress(host, 0), 0));
            receiver.server.createContext("/", receiver::take);
            receiver.server.start();
            return receiver;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The address of a channel, as pods know it. */
    public URI address(String channel) {
        return URI.create("http://" + server.getAddress().getAddress().getHostAddress() + ":"
                + server.getAddress().getPort() + "/" + channel);
    }

    /** What came to a channel so far. */
    public List<Message> messages(String channel) {
        return messages.stream()
                .filter(message -> message.path().equals("/" + channel))
                .toList();
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            messages.add(new Message(
                    exchange.getRequestURI().getPath(),
                    exchange.getRequestHeaders().getFirst("Idempotency-Key"),
                    body));
            exchange.sendResponseHeaders(200, -1);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
