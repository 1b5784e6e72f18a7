package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.TestModels;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * A server that goes answers all that REST's clients send meanwhile. Clients do what a Service does: they send until
 * they see that the server is unready. {@link GrpcDrainIT} is about gRPC.
 */
class DrainIT {
    private static final String ROW = "[5.1,3.5,1.4,0.2]";
    private static final String JSON = "application/json";
    private static final int CONNECTIONS = 4;
    private static final int CALLERS = 4;
    private static final int WARM = 2_000;
    private static final int MEANWHILE = 200;

    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger toldToClose = new AtomicInteger();
    private final AtomicBoolean unready = new AtomicBoolean();

    /** Sends one request and says whether the answer asks to close the connection; fails with what failed. */
    private interface Ask {
        boolean once(ServerProcess server) throws Exception;
    }

    @Test
    void overHttp11() throws Exception {
        List<HttpClient> clients = javaClients(HttpClient.Version.HTTP_1_1);
        drain(clients.stream().map(DrainIT::asking).toList());
        assertThat(toldToClose.get()).isPositive();
        clients.forEach(HttpClient::close);
    }

    /** Java's client begins with HTTP/1.1 and asks for an upgrade, as curl --http2 does. */
    @Test
    void overHttp2AfterAnUpgrade() throws Exception {
        List<HttpClient> clients = javaClients(HttpClient.Version.HTTP_2);
        drain(clients.stream().map(DrainIT::asking).toList());
        clients.forEach(HttpClient::close);
    }

    /** As gateways do that know from appProtocol what a Service speaks. */
    @Test
    void overHttp2AtOnce() throws Exception {
        Vertx vertx = Vertx.vertx();
        HttpClientOptions options = new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setHttp2MultiplexingLimit(CALLERS);
        io.vertx.core.http.HttpClient client = vertx.httpClientBuilder()
                .with(options)
                .with(new PoolOptions().setHttp2MaxSize(CONNECTIONS))
                .withConnectHandler(connection -> connection.goAwayHandler(told -> toldToClose.incrementAndGet()))
                .build();
        Ask ask = server -> client.request(HttpMethod.POST, server.port(), "localhost", "/predict")
                .compose(request -> request.putHeader("Content-Type", JSON)
                        .send(Buffer.buffer(ROW))
                        .compose(answer -> answer.body().map(body -> {
                            assertThat(answer.version()).isEqualTo(HttpVersion.HTTP_2);
                            assertThat(answer.statusCode()).isEqualTo(200);
                            assertThat(body.toString()).contains("\"prediction\":0");
                            return false;
                        })))
                .toCompletionStage()
                .toCompletableFuture()
                .get(1, TimeUnit.MINUTES);
        drain(List.of(ask));
        assertThat(toldToClose.get()).isPositive();
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    private static List<HttpClient> javaClients(HttpClient.Version version) {
        List<HttpClient> clients = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            clients.add(HttpClient.newBuilder().version(version).build());
        }
        return clients;
    }

    private static Ask asking(HttpClient client) {
        return server -> {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(server.uri("/predict"))
                            .header("Content-Type", JSON)
                            .POST(HttpRequest.BodyPublishers.ofString(ROW))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.version()).isEqualTo(client.version());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("\"prediction\":0");
            return answer.headers().firstValue("connection").orElse("").equals("close");
        };
    }

    private void drain(List<Ask> clients) throws Exception {
        try (ServerProcess server = ServerProcess.start(Map.of(
                        "MODEL_URI", TestModels.path("iris").toUri().toString(), "TATARA_RUNTIME_DRAIN_DELAY", "3s"));
                ExecutorService callers = Executors.newFixedThreadPool(CONNECTIONS * CALLERS)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS * CALLERS; i++) {
                Ask ask = clients.get(i % clients.size());
                running.add(callers.submit(() -> {
                    while (!unready.get()) {
                        if (ask.once(server)) {
                            toldToClose.incrementAndGet();
                        }
                        answered.incrementAndGet();
                    }
                    return null;
                }));
            }
            try {
                Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> answered.get() > WARM);
                server.terminate();
                Awaitility.await().atMost(Duration.ofSeconds(2)).until(() -> !server.isUp("/health/ready"));
                assertThat(server.isUp("/health/live")).isTrue();
                assertThat(server.isUp("/health/started")).isTrue();
                // A kubelet and its endpoints take a moment more.
                int seen = answered.get();
                Awaitility.await().atMost(Duration.ofSeconds(2)).until(() -> answered.get() > seen + MEANWHILE);
            } finally {
                unready.set(true);
            }
            for (Future<?> caller : running) {
                caller.get();
            }
            assertThat(server.awaitExit()).as(server.log()).isZero();
            assertThat(server.log())
                    .contains("drained")
                    .doesNotContain("unfinished")
                    .doesNotContain("ERROR");
        }
    }
}
