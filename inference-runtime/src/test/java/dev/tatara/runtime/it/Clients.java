package dev.tatara.runtime.it;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.util.Set;

/** Many requests at once to one server, over HTTP/1.1 and, for gRPC, over HTTP/2. */
final class Clients implements AutoCloseable {
    private static final int CONNECTIONS = 32;

    /** DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE. */
    private static final Set<Integer> GRPC_TOO_LATE = Set.of(4, 8, 14);

    private static final long PATIENCE_MILLIS = 60_000;

    private final Vertx vertx = Vertx.vertx();
    private final int port;
    private final HttpClient http1;
    private final HttpClient http2;

    /**
     * What came back.
     *
     * @param grpcStatus of trailers or headers, −1 without one
     */
    record Reply(int status, int grpcStatus, Buffer body) {
        boolean isGood(Attempt attempt) {
            return status == 200 && (!attempt.grpc() || grpcStatus == 0);
        }

        /** The server had no time for it, and says so. */
        boolean isTooLate(Attempt attempt) {
            return attempt.grpc() ? GRPC_TOO_LATE.contains(grpcStatus) : status == 503 || status == 504;
        }

        String text() {
            return body.toString();
        }
    }

    Clients(int port) {
        this.port = port;
        http1 = vertx.createHttpClient(
                new HttpClientOptions().setMaxPoolSize(CONNECTIONS).setMaxWaitQueueSize(-1));
        http2 = vertx.createHttpClient(new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setHttp2MaxPoolSize(2)
                .setMaxWaitQueueSize(-1));
    }

    Vertx vertx() {
        return vertx;
    }

    Future<HttpClientRequest> request(Attempt attempt) {
        return (attempt.grpc() ? http2 : http1).request(HttpMethod.POST, port, "localhost", attempt.path());
    }

    Future<Reply> send(Attempt attempt) {
        return request(attempt).compose(request -> {
            attempt.headers().forEach(request::putHeader);
            request.idleTimeout(PATIENCE_MILLIS);
            return request.send(Buffer.buffer(attempt.body()))
                    .compose(response -> response.body().map(body -> {
                        String inTrailers = response.getTrailer("grpc-status");
                        String status = inTrailers == null ? response.getHeader("grpc-status") : inTrailers;
                        return new Reply(response.statusCode(), status == null ? -1 : Integer.parseInt(status), body);
                    }));
        });
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
