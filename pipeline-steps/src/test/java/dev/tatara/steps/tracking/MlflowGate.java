package dev.tatara.steps.tracking;

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
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** Stands before an MLflow server. At the write that is chosen it closes, as for a client that is killed there. */
final class MlflowGate implements AutoCloseable {
    private static final int UNAVAILABLE = 503;

    private final URI server;
    private final HttpServer gate;
    private final HttpClient client = HttpClient.newHttpClient();
    private int writes;
    private int last;
    private boolean arrives;

    private MlflowGate(URI server, HttpServer gate) {
        this.server = server;
        this.gate = gate;
    }

    static MlflowGate before(String server) throws IOException {
        var http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        var gate = new MlflowGate(URI.create(server), http);
        http.createContext("/", gate::handle);
        http.start();
        return gate;
    }

    String uri() {
        return "http://127.0.0.1:" + gate.getAddress().getPort();
    }

    /** From now on all get through. */
    synchronized void open() {
        closeAt(Integer.MAX_VALUE, true);
    }

    /** Closes at a write, counted from now on; whether it arrives still is up to {@code arrives}. */
    synchronized void closeAt(int write, boolean arrives) {
        this.writes = 0;
        this.last = write;
        this.arrives = arrives;
    }

    /** How many writes came since it was opened or told to close. */
    synchronized int writes() {
        return writes;
    }

    private enum Passage {
        Free,
        /** It arrives, and nobody hears of it. */
        OneWay,
        None
    }

    private synchronized Passage passage(boolean isWrite) {
        if (writes >= last) {
            return Passage.None;
        }
        if (!isWrite || ++writes < last) {
            return Passage.Free;
        }
        return arrives ? Passage.OneWay : Passage.None;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = exchange.getRequestURI().getRawPath();
            var isWrite = !exchange.getRequestMethod().equals("GET") && !path.endsWith("/search");
            var body = exchange.getRequestBody().readAllBytes();
            var passage = passage(isWrite);
            var answer = passage == Passage.None ? null : forward(exchange, body);
            if (passage != Passage.Free) {
                exchange.sendResponseHeaders(UNAVAILABLE, -1);
                return;
            }
            answer.headers().firstValue("Content-Type").ifPresent(type -> exchange.getResponseHeaders()
                    .set("Content-Type", type));
            exchange.sendResponseHeaders(answer.statusCode(), answer.body().length == 0 ? -1 : answer.body().length);
            exchange.getResponseBody().write(answer.body());
        }
    }

    private HttpResponse<byte[]> forward(HttpExchange exchange, byte[] body) throws IOException {
        var request = HttpRequest.newBuilder(server.resolve(exchange.getRequestURI()))
                .method(exchange.getRequestMethod(), BodyPublishers.ofByteArray(body));
        var type = exchange.getRequestHeaders().getFirst("Content-Type");
        if (type != null) {
            request.header("Content-Type", type);
        }
        try {
            return client.send(request.build(), BodyHandlers.ofByteArray());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("stopped meanwhile", e));
        }
    }

    @Override
    public void close() {
        gate.stop(0);
        client.close();
    }
}
