package dev.tatara.e2e.monitoring;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;

/** A metric of services that a test sets as it likes. */
public final class Gauges implements AutoCloseable {
    private final HttpServer server;
    private final String metric;
    private final String namespace;
    private final Map<String, Double> values = new ConcurrentSkipListMap<>();

    private Gauges(HttpServer server, String metric, String namespace) {
        this.server = server;
        this.metric = metric;
        this.namespace = namespace;
    }

    /** Exports a metric with the labels {@code namespace} and {@code service}. */
    public static Gauges start(String metric, String namespace) {
        try {
            var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            var gauges = new Gauges(server, metric, namespace);
            server.createContext("/metrics", exchange -> {
                var text = gauges.text().getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
                exchange.sendResponseHeaders(200, text.length);
                exchange.getResponseBody().write(text);
                exchange.close();
            });
            server.start();
            return gauges;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void set(String service, double value) {
        values.put(service, value);
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private String text() {
        return "# TYPE %s gauge\n".formatted(metric)
                + values.entrySet().stream()
                        .map(value -> "%s{namespace=\"%s\",service=\"%s\"} %s\n"
                                .formatted(metric, namespace, value.getKey(), value.getValue()))
                        .collect(Collectors.joining());
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
