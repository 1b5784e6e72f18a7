package dev.tatara.runtime.it;

import static dev.tatara.runtime.it.RoutedPods.CANDIDATE;
import static dev.tatara.runtime.it.RoutedPods.STABLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.it.GrpcWire.Ending;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.data.Offset;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** gRPC calls go where the table says, call by call, whatever channel they come by; streams from where they began. */
class RoutedCallsIT {
    private static final String INFER = "inference.GRPCInferenceService/ModelInfer";
    private static final String STREAM = "inference.GRPCInferenceService/ModelStreamInfer";
    private static final Buffer IRIS = GrpcWire.framed(0, GrpcWire.IRIS);
    private static final double Z = 3.2905;
    private static final String OK = "0";
    private static final String UNAVAILABLE = "14";

    private static Map<String, Integer> ask(GrpcWire wire, int calls, String... headers) throws Exception {
        Map<String, Integer> answers = new HashMap<>();
        for (int i = 0; i < calls; i++) {
            HttpClientRequest request = wire.open(INFER, headers);
            CompletableFuture<HttpClientResponse> head =
                    request.response().toCompletionStage().toCompletableFuture();
            CompletableFuture<Ending> ending = GrpcWire.ending(request);
            request.end(IRIS);
            Ending end = ending.get(60, TimeUnit.SECONDS);
            assertThat(end.status()).as(end.message()).isEqualTo(OK);
            String revision = head.get().getHeader("tatara-revision");
            assertThat(end.body().toString(StandardCharsets.ISO_8859_1))
                    .contains("probabilities")
                    .contains("iris\u0012\u0001" + (CANDIDATE.equals(revision) ? "2" : "1"));
            answers.merge(String.valueOf(revision), 1, Integer::sum);
        }
        return answers;
    }

    @Test
    void aChannelObeysTheTableCallByCall() throws Exception {
        try (RoutedPods pods = new RoutedPods().start(STABLE, CANDIDATE);
                GrpcWire wire = new GrpcWire(pods.first(STABLE).port())) {
            assertThat(ask(wire, 5)).containsExactly(Map.entry("null", 5));
            pods.route(pods.entry(CANDIDATE, 30), pods.entry(STABLE, 70));
            int calls = 1_000;
            Map<String, Integer> split = ask(wire, calls);
            assertThat((double) split.get(CANDIDATE))
                    .isCloseTo(calls * 0.3, Offset.offset(Z * Math.sqrt(calls * 0.3 * 0.7)));
            pods.route(pods.entry(CANDIDATE, 100), pods.entry(STABLE, 0));
            assertThat(ask(wire, 50)).containsExactly(Map.entry(CANDIDATE, 50));
            assertThat(ask(wire, 5, "grpc-timeout", "20S")).containsExactly(Map.entry(CANDIDATE, 5));
            pods.route(pods.closed(CANDIDATE), pods.entry(STABLE, 100));
            assertThat(ask(wire, 50)).containsExactly(Map.entry(STABLE, 50));
        }
    }

    @Test
    void errorsAndDeadlinesComeBackAsTheyAre() throws Exception {
        try (RoutedPods pods = new RoutedPods().start(STABLE, CANDIDATE);
                GrpcWire wire = new GrpcWire(pods.first(STABLE).port())) {
            pods.route(pods.entry(CANDIDATE, 100), pods.entry(STABLE, 0));
            Ending bad = wire.call(INFER, GrpcWire.framed(0, new byte[] {0x0a, 0x04, 'i', 'r', 'i', 's'}));
            assertThat(bad.status()).isEqualTo("3");
            assertThat(bad.message()).isNotEmpty();
            assertThat(wire.call(INFER, IRIS, "grpc-timeout", "1n").status()).isEqualTo("4");
            pods.first(CANDIDATE).kill();
            pods.first(CANDIDATE).awaitExit();
            assertThat(wire.call(INFER, IRIS).status()).isEqualTo(UNAVAILABLE);
            pods.route(pods.entry(CANDIDATE, 50), pods.entry(STABLE, 50));
            assertThat(ask(wire, 50)).containsExactly(Map.entry(STABLE, 50));
        }
    }

    @Test
    void aStreamStaysWhereItBeganUntilThatIsClosed() throws Exception {
        try (RoutedPods pods = new RoutedPods().start(STABLE, CANDIDATE);
                GrpcWire wire = new GrpcWire(pods.first(STABLE).port())) {
            pods.route(pods.entry(CANDIDATE, 100), pods.entry(STABLE, 0));
            HttpClientRequest stream = wire.open(STREAM);
            Buffer received = Buffer.buffer();
            AtomicInteger pieces = new AtomicInteger();
            CompletableFuture<String> status = new CompletableFuture<>();
            stream.response().onSuccess(answer -> {
                answer.handler(piece -> {
                    received.appendBuffer(piece);
                    pieces.incrementAndGet();
                });
                answer.endHandler(end -> status.complete(answer.getTrailer("grpc-status")));
            });
            stream.write(IRIS);
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> pieces.get() >= 1);
            assertThat(received.toString(StandardCharsets.ISO_8859_1)).contains("iris\u0012\u00012");
            // The weight moves away, and the stream stays.
            pods.route(pods.entry(CANDIDATE, 0), pods.entry(STABLE, 100));
            stream.write(IRIS);
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> pieces.get() >= 2);
            assertThat(status).isNotDone();
            pods.route(pods.closed(CANDIDATE), pods.entry(STABLE, 100));
            assertThat(status.get(60, TimeUnit.SECONDS)).isEqualTo(UNAVAILABLE);
            Ending next = wire.call(STREAM, IRIS);
            assertThat(next.status()).isEqualTo(OK);
            assertThat(next.body().toString(StandardCharsets.ISO_8859_1)).contains("iris\u0012\u00011");
        }
    }

    @Test
    void aStreamThatNobodyTakesIsAnsweredHere() throws Exception {
        try (RoutedPods pods = new RoutedPods().start(STABLE, CANDIDATE);
                GrpcWire wire = new GrpcWire(pods.first(STABLE).port())) {
            pods.route(pods.entry(CANDIDATE, 99), pods.entry(STABLE, 1));
            pods.first(CANDIDATE).kill();
            pods.first(CANDIDATE).awaitExit();
            Ending ending = wire.call(STREAM, IRIS);
            assertThat(ending.status()).isEqualTo(OK);
            assertThat(ending.body().toString(StandardCharsets.ISO_8859_1)).contains("iris\u0012\u00011");
        }
    }
}
