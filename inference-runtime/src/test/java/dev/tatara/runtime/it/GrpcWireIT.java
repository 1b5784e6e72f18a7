package dev.tatara.runtime.it;

import static dev.tatara.runtime.it.GrpcWire.IRIS;
import static dev.tatara.runtime.it.GrpcWire.framed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.TestModels;
import dev.tatara.runtime.it.GrpcWire.Ending;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Calls that are damaged, late, cancelled or too large end with the status that says so, and the server serves on. */
class GrpcWireIT {
    private static final String SERVICE = "inference.GRPCInferenceService/";
    private static final String INFER = SERVICE + "ModelInfer";
    private static final int MOST_BYTES = 1_000_000;

    private static final String OK = "0";
    private static final String INVALID_ARGUMENT = "3";
    private static final String DEADLINE_EXCEEDED = "4";
    private static final String NOT_FOUND = "5";
    private static final String RESOURCE_EXHAUSTED = "8";
    private static final String UNIMPLEMENTED = "12";

    private static ServerProcess server;
    private static GrpcWire wire;

    @BeforeAll
    static void start() {
        server = ServerProcess.start(Map.of(
                "MODEL_URI",
                TestModels.path("iris").toUri().toString(),
                "TATARA_RUNTIME_LIMITS_MAX_BODY_BYTES",
                String.valueOf(MOST_BYTES),
                "TATARA_RUNTIME_HTTP_BODY_TIMEOUT",
                "3s"));
        wire = new GrpcWire(server.port());
    }

    @AfterAll
    static void stop() throws IOException {
        wire.close();
        assertThat(server.log()).doesNotContain("ERROR").doesNotContain("\tat ");
        server.close();
    }

    private static void ends(Ending ending, String status, String... words) {
        assertThat(ending.status()).as(String.valueOf(ending)).isEqualTo(status);
        if (words.length > 0) {
            assertThat(ending.message()).contains(words);
        }
    }

    private static void infers() throws Exception {
        Ending ending = wire.call(INFER, framed(0, IRIS));
        ends(ending, OK);
        assertThat(ending.body().toString(StandardCharsets.ISO_8859_1)).contains("label", "probabilities");
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(plain);
        }
        return packed.toByteArray();
    }

    @Test
    void messagesInPieces() throws Exception {
        HttpClientRequest request = wire.open(INFER);
        CompletableFuture<Ending> ending = GrpcWire.ending(request);
        Buffer body = framed(0, IRIS);
        for (int i = 0; i < body.length(); i += 3) {
            request.write(body.getBuffer(i, Math.min(i + 3, body.length())))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get();
        }
        request.end();
        ends(ending.get(30, TimeUnit.SECONDS), OK);
    }

    @Test
    void messagesThatAreNone() throws Exception {
        ends(wire.call(INFER, Buffer.buffer()), INVALID_ARGUMENT, "one message, got none");
        ends(wire.call(INFER, framed(0, IRIS).appendBuffer(framed(0, IRIS))), INVALID_ARGUMENT, "got another");
        ends(wire.call(INFER, framed(0, IRIS).getBuffer(0, 20)), INVALID_ARGUMENT, "ended within a message");
        ends(wire.call(INFER, Buffer.buffer("abc")), INVALID_ARGUMENT, "ended within a message");
        ends(wire.call(INFER, framed(1, IRIS)), INVALID_ARGUMENT, "no grpc-encoding says how");
        ends(wire.call(INFER, framed(7, IRIS), "grpc-encoding", "gzip"), INVALID_ARGUMENT);
        ends(
                wire.call(INFER, framed(1, IRIS), "grpc-encoding", "gzip"),
                INVALID_ARGUMENT,
                "not gzip, as its grpc-encoding says");
        ends(wire.call(INFER, framed(1, IRIS), "grpc-encoding", "zstd"), UNIMPLEMENTED, "identity,deflate,gzip");
        ends(wire.call(INFER, framed(0, IRIS), "grpc-timeout", "soon"), INVALID_ARGUMENT, "grpc-timeout");
        ends(wire.call(INFER, framed(1, gzip(IRIS)), "grpc-encoding", "gzip"), OK);
        infers();
    }

    @Test
    void methodsThatAreNone() throws Exception {
        ends(wire.call(SERVICE + "Nothing", framed(0, IRIS)), UNIMPLEMENTED, "unknown method /" + SERVICE + "Nothing");
        ends(wire.call("", Buffer.buffer()), UNIMPLEMENTED);
        ends(wire.call(SERVICE + "RepositoryModelLoad", framed(0, new byte[0])), UNIMPLEMENTED, "admin port");
        ends(wire.call(INFER, framed(0, IRIS), "content-type", "application/grpc-web"), "404");
        infers();
    }

    @Test
    void messagesThatAreTooLarge() throws Exception {
        // Only said to be large.
        Buffer promise = Buffer.buffer().appendByte((byte) 0).appendInt(-1).appendString("abc");
        ends(wire.call(INFER, promise), RESOURCE_EXHAUSTED, "larger than 1000000 bytes", "max-body-bytes");
        ends(wire.call(INFER, framed(0, new byte[MOST_BYTES + 1])), RESOURCE_EXHAUSTED, "larger than");
        byte[] bomb = gzip(new byte[50 * MOST_BYTES]);
        ends(wire.call(INFER, framed(1, bomb), "grpc-encoding", "gzip"), RESOURCE_EXHAUSTED, "larger than");
        infers();
    }

    @Test
    void deadlinesThatHavePassed() throws Exception {
        ends(wire.call(INFER, framed(0, IRIS), "grpc-timeout", "1n"), DEADLINE_EXCEEDED);
        ends(wire.call(INFER, framed(0, IRIS), "grpc-timeout", "99999999H"), OK);
    }

    @Test
    void callsThatAreCancelled() throws Exception {
        for (int i = 0; i < 20; i++) {
            HttpClientRequest request = wire.open(INFER);
            request.write(framed(0, IRIS))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get();
            request.reset(8);
        }
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> server.admin("/metrics")
                .body()
                .lines()
                .anyMatch(line -> line.startsWith("prediction_requests_total{code=\"499\"") && line.endsWith(" 20.0")));
        infers();
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> server.admin("/metrics").body().contains("prediction_requests_in_flight 0.0"));
    }

    @Test
    void messagesThatNeverEnd() throws Exception {
        HttpClientRequest request = wire.open(INFER);
        CompletableFuture<Ending> ending = GrpcWire.ending(request);
        request.write(framed(0, IRIS).getBuffer(0, 20));
        ends(ending.get(30, TimeUnit.SECONDS), DEADLINE_EXCEEDED, "did not arrive within 3000 ms");
        infers();
    }

    @Test
    void damagedMessages() throws Exception {
        Random random = new Random(42);
        Buffer whole = framed(0, IRIS);
        for (int i = 0; i < 2_000; i++) {
            Buffer damaged = whole.copy();
            for (int wound = random.nextInt(3); wound >= 0; wound--) {
                damaged.setByte(random.nextInt(damaged.length()), (byte) random.nextInt(256));
            }
            assertThat(wire.call(
                                    INFER,
                                    damaged.getBuffer(
                                            0, random.nextInt(5) == 0 ? random.nextInt(40) : damaged.length()))
                            .status())
                    .as(damaged.toString(StandardCharsets.ISO_8859_1))
                    .isIn(OK, INVALID_ARGUMENT, NOT_FOUND, RESOURCE_EXHAUSTED);
        }
        infers();
    }

    @Test
    void health() throws Exception {
        String check = "grpc.health.v1.Health/Check";
        assertThat(wire.call(check, framed(0, new byte[0])).body()).isEqualTo(framed(0, new byte[] {8, 1}));
        byte[] named = ("\n\036" + "inference.GRPCInferenceService").getBytes(StandardCharsets.US_ASCII);
        named[1] = (byte) (named.length - 2);
        assertThat(wire.call(check, framed(0, named)).body()).isEqualTo(framed(0, new byte[] {8, 1}));
        ends(wire.call(check, framed(0, new byte[] {10, 1, 'x'})), NOT_FOUND, "unknown service");

        HttpClientRequest watch = wire.open("grpc.health.v1.Health/Watch");
        CompletableFuture<Buffer> told = new CompletableFuture<>();
        watch.response().onSuccess(response -> response.handler(told::complete));
        watch.end(framed(0, new byte[0]));
        assertThat(told.get(30, TimeUnit.SECONDS)).isEqualTo(framed(0, new byte[] {8, 1}));
        watch.reset(8);
    }

    @Test
    void reflection() throws Exception {
        for (String version : new String[] {"v1", "v1alpha"}) {
            String method = "grpc.reflection." + version + ".ServerReflection/ServerReflectionInfo";
            assertThat(wire.call(method, framed(0, new byte[] {58, 1, '*'}))
                            .body()
                            .toString(StandardCharsets.ISO_8859_1))
                    .contains("inference.GRPCInferenceService", "grpc.health.v1.Health");
            byte[] symbol = "\"\036inference.GRPCInferenceService".getBytes(StandardCharsets.US_ASCII);
            symbol[1] = (byte) (symbol.length - 2);
            assertThat(wire.call(method, framed(0, symbol)).body().toString(StandardCharsets.ISO_8859_1))
                    .contains("inference.proto", "raw_input_contents");
        }
    }

    @Test
    void switchedOff() throws Exception {
        try (ServerProcess off = ServerProcess.start(Map.of(
                        "MODEL_URI",
                        TestModels.path("iris").toUri().toString(),
                        "TATARA_RUNTIME_PROTOCOLS_GRPC",
                        "false"));
                GrpcWire toIt = new GrpcWire(off.port())) {
            ends(toIt.call(INFER, framed(0, IRIS)), UNIMPLEMENTED, "switched off (tatara.runtime.protocols.grpc)");
        }
    }
}
