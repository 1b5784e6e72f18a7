package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.TestModels;
import dev.tatara.runtime.it.GrpcWire.Ending;
import io.vertx.core.buffer.Buffer;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LimitsIT {
    private static final String INFER = "inference.GRPCInferenceService/ModelInfer";
    private static final String OK = "0";
    private static final String RESOURCE_EXHAUSTED = "8";
    private static final String ROW = "[5.1,3.5,1.4,0.2]";
    private static final String JSON = "application/json";

    private static ServerProcess limited() {
        return ServerProcess.start(Map.of(
                "MODEL_URI", TestModels.path("iris").toUri().toString(),
                "TATARA_RUNTIME_LIMITS_REQUESTS_PER_SECOND", "4",
                "TATARA_RUNTIME_LIMITS_PER_CLIENT", "2",
                "TATARA_RUNTIME_LIMITS_CLIENT_HEADER", "X-User"));
    }

    private static void countsBoth(ServerProcess server) throws Exception {
        String metrics = server.admin("/metrics").body();
        assertThat(BatchingIT.value(metrics, "prediction_rejected_total\\{[^}]*reason=\"client_rate_limit\"[^}]*"))
                .isPositive();
        assertThat(BatchingIT.value(metrics, "prediction_rejected_total\\{[^}]*reason=\"rate_limit\"[^}]*"))
                .isPositive();
        assertThat(metrics).contains("code=\"429\"");
    }

    @Test
    void moreThanTheLimitIsAnswered429() throws Exception {
        try (ServerProcess server = limited()) {
            HttpResponse<String> answer = null;
            int asked = 0;
            while (answer == null || answer.statusCode() == 200) {
                answer = server.post("/predict", ROW, "Content-Type", JSON, "X-User", "ann");
                asked++;
                assertThat(asked).isLessThan(1_000);
            }
            assertThat(answer.statusCode()).isEqualTo(429);
            assertThat(answer.body()).contains("more than 2 requests per second of one client", "limits.per-client");
            assertThat(answer.headers().firstValue("Retry-After")).contains("1");
            // Others are let in, and so is who only asks how the server is.
            assertThat(server.post("/predict", ROW, "Content-Type", JSON, "X-User", "ben")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(server.get("/v2/health/ready").statusCode()).isEqualTo(200);
            int refused = 0;
            for (int i = 0; i < 200 && refused == 0; i++) {
                answer = server.post("/predict", ROW, "Content-Type", JSON, "X-User", "user-" + i);
                refused += answer.statusCode() == 429 ? 1 : 0;
            }
            assertThat(answer.body()).contains("all clients together", "limits.requests-per-second");
            countsBoth(server);
        }
    }

    @Test
    void moreThanTheLimitIsResourceExhaustedOverGrpc() throws Exception {
        Buffer iris = GrpcWire.framed(0, GrpcWire.IRIS);
        try (ServerProcess server = limited();
                GrpcWire wire = new GrpcWire(server.port())) {
            Ending ending = null;
            int asked = 0;
            while (ending == null || ending.status().equals(OK)) {
                ending = wire.call(INFER, iris, "x-user", "ann");
                asked++;
                assertThat(asked).isLessThan(1_000);
            }
            assertThat(ending.status()).isEqualTo(RESOURCE_EXHAUSTED);
            assertThat(ending.message()).contains("more than 2 requests per second of one client", "limits.per-client");
            assertThat(ending.pushback()).isEqualTo("1000");
            // Others are let in, and so is who only asks how the server is.
            assertThat(wire.call(INFER, iris, "x-user", "ben").status()).isEqualTo(OK);
            assertThat(wire.call("grpc.health.v1.Health/Check", GrpcWire.framed(0, new byte[0]), "x-user", "ann")
                            .status())
                    .isEqualTo(OK);
            ending = null;
            for (int i = 0; i < 200 && (ending == null || ending.status().equals(OK)); i++) {
                ending = wire.call(INFER, iris, "x-user", "user-" + i);
            }
            assertThat(ending.status()).isEqualTo(RESOURCE_EXHAUSTED);
            assertThat(ending.message()).contains("all clients together", "limits.requests-per-second");
            countsBoth(server);
            assertThat(server.admin("/metrics").body())
                    .containsPattern("prediction_requests_total\\{[^}]*code=\"429\"[^}]*protocol=\"v2-grpc\"");
        }
    }

    /** One of a stream is refused, and the stream goes on. */
    @Test
    void inferencesOfAStreamCountOneByOne() throws Exception {
        Buffer three = Buffer.buffer();
        for (int i = 0; i < 3; i++) {
            three.appendBuffer(GrpcWire.framed(0, GrpcWire.IRIS));
        }
        try (ServerProcess server = limited();
                GrpcWire wire = new GrpcWire(server.port())) {
            Ending ending = wire.call("inference.GRPCInferenceService/ModelStreamInfer", three, "x-user", "ann");
            assertThat(ending.status()).isEqualTo(OK);
            assertThat(ending.body().toString(StandardCharsets.ISO_8859_1))
                    .contains("probabilities", "more than 2 requests per second of one client");
        }
    }
}
