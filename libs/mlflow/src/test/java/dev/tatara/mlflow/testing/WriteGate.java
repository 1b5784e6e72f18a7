package dev.tatara.mlflow.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands between a client and an MLflow server and counts what is written. From a chosen write on nothing gets through any
 * more in either direction: to the server it looks as if the client had been killed there.
 */
public final class WriteGate implements AutoCloseable {
    private final HttpServer listener;
    private final URI target;
    private final HttpClient client = HttpClient.newHttpClient();
    private final AtomicInteger writes = new AtomicInteger();
    private volatile int last = Integer.MAX_VALUE;
    private volatile boolean lastArrives = true;

    private WriteGate(HttpServer listener, URI target) {
        this.listener = listener;
        this.target = target;
    }

    /** A gate before a server. */
    public static WriteGate to(String server) {
        try {
            var listener = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
            var gate = new WriteGate(listener, URI.create(server));
            listener.createContext("/", gate::pass);
            listener.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            listener.start();
            return gate;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String uri() {
        return "http://127.0.0.1:" + listener.getAddress().getPort();
    }

    /** Lets everything through and counts from 0. */
    public void open() {
        writes.set(0);
        last = Integer.MAX_VALUE;
    }

    /**
     * Counts from 0 and shuts at a write.
     *
     * @param number 1 for the first
     * @param arrives whether that one still reaches the server; its answer never reaches the client
     */
    public void shutAt(int number, boolean arrives) {
        writes.set(0);
        last = number;
        lastArrives = arrives;
    }

    /** Writes that were tried. */
    public int writes() {
        return writes.get();
    }

    private void pass(HttpExchange exchange) throws IOException {
        try (exchange) {
            var method = exchange.getRequestMethod();
            var path = exchange.getRequestURI().getPath();
            var isWrite = !method.equals("GET") && !path.endsWith("/search");
            var number = isWrite ? writes.incrementAndGet() : writes.get();
            if (number > last || (number == last && (!isWrite || !lastArrives))) {
                return;
            }
            var request = HttpRequest.newBuilder(target.resolve(exchange.getRequestURI()))
                    .method(
                            method,
                            BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()));
            var type = exchange.getRequestHeaders().getFirst("Content-Type");
            if (type != null) {
                request.header("Content-Type", type);
            }
            var answer = client.send(request.build(), BodyHandlers.ofByteArray());
            if (number == last) {
                return;
            }
            exchange.sendResponseHeaders(answer.statusCode(), answer.body().length == 0 ? -1 : answer.body().length);
            exchange.getResponseBody().write(answer.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        listener.stop(0);
        client.shutdownNow();
    }
}
