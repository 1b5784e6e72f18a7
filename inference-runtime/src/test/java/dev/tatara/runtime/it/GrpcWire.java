package dev.tatara.runtime.it;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** gRPC calls byte by byte: for what no client library would send. */
final class GrpcWire implements AutoCloseable {
    /** An inference with the model iris, of one row. */
    static final byte[] IRIS = HexFormat.of()
            .parseHex("0a04697269731a0234322a210a01581204465033321a0201042a1232103333a340000060403333b33fcdcc4c3e");

    /** Bytes before a message: whether it is packed, and its length. */
    static final int PREFIX = 5;

    private static final long GENEROUS_SECONDS = 60;

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client;

    GrpcWire(int port) {
        client = vertx.createHttpClient(new HttpClientOptions()
                .setDefaultPort(port)
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    }

    /**
     * How a call ended.
     *
     * @param status the number in grpc-status, or HTTP's where there is none
     * @param pushback milliseconds after which the server wants to be asked again; null if it says nothing
     * @param body the messages with their prefixes
     */
    record Ending(String status, String message, String pushback, Buffer body) {}

    /** A call that is open; its body is up to the test. */
    HttpClientRequest open(String method, String... headers) throws Exception {
        HttpClientRequest request = client.request(HttpMethod.POST, "/" + method)
                .toCompletionStage()
                .toCompletableFuture()
                .get(GENEROUS_SECONDS, TimeUnit.SECONDS);
        request.setChunked(true).putHeader("content-type", "application/grpc").putHeader("te", "trailers");
        for (int i = 0; i < headers.length; i += 2) {
            request.putHeader(headers[i], headers[i + 1]);
        }
        return request;
    }

    static CompletableFuture<Ending> ending(HttpClientRequest request) {
        return request.response()
                .compose(response -> response.body().map(body -> {
                    String trailer = response.getTrailer("grpc-status");
                    boolean inTrailers = trailer != null;
                    String status = inTrailers ? trailer : response.getHeader("grpc-status");
                    return new Ending(
                            status == null ? String.valueOf(response.statusCode()) : status,
                            inTrailers ? response.getTrailer("grpc-message") : response.getHeader("grpc-message"),
                            response.getHeader("grpc-retry-pushback-ms"),
                            body);
                }))
                .toCompletionStage()
                .toCompletableFuture();
    }

    /** A whole call with these bytes for a body. */
    Ending call(String method, Buffer body, String... headers) throws Exception {
        HttpClientRequest request = open(method, headers);
        CompletableFuture<Ending> ending = ending(request);
        request.end(body);
        return ending.get(GENEROUS_SECONDS, TimeUnit.SECONDS);
    }

    /** A message with its prefix. */
    static Buffer framed(int compressed, byte[] message) {
        return Buffer.buffer()
                .appendByte((byte) compressed)
                .appendInt(message.length)
                .appendBytes(message);
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
