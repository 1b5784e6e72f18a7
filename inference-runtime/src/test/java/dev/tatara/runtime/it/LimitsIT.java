package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.TestModels;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LimitsIT {
    private static final String ROW = "[5.1,3.5,1.4,0.2]";
    private static final String JSON = "application/json";

    @Test
    void moreThanTheLimitIsAnswered429() throws Exception {
        try (ServerProcess server = ServerProcess.start(Map.of(
                "MODEL_URI", TestModels.path("iris").toUri().toString(),
                "TATARA_RUNTIME_LIMITS_REQUESTS_PER_SECOND", "4",
                "TATARA_RUNTIME_LIMITS_PER_CLIENT", "2",
                "TATARA_RUNTIME_LIMITS_CLIENT_HEADER", "X-User"))) {
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
            String metrics = server.admin("/metrics").body();
            assertThat(BatchingIT.value(metrics, "prediction_rejected_total\\{[^}]*reason=\"client_rate_limit\"[^}]*"))
                    .isPositive();
            assertThat(BatchingIT.value(metrics, "prediction_rejected_total\\{[^}]*reason=\"rate_limit\"[^}]*"))
                    .isPositive();
            assertThat(metrics).contains("code=\"429\"");
        }
    }
}
