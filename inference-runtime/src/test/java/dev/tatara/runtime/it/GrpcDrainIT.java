package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.TestModels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that goes tells its gRPC clients in time, and none of their calls fails. */
class GrpcDrainIT {

    @Test
    void drainsUnderLoadWithoutAFailedCall(@TempDir Path folder) throws Exception {
        Path log = folder.resolve("load.log");
        try (ServerProcess server = ServerProcess.start(
                Map.of("MODEL_URI", TestModels.path("iris").toUri().toString(), "TATARA_RUNTIME_DRAIN_DELAY", "3s"))) {
            Process load = PythonClient.launch(log, "grpc_load.py", "localhost:" + server.port());
            try {
                Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> Files.readString(log)
                        .contains("warm"));
                double before = answered(server);
                server.terminate();
                Awaitility.await().atMost(Duration.ofSeconds(2)).until(() -> !server.isUp("/health/ready"));
                Awaitility.await().atMost(Duration.ofSeconds(2)).until(() -> answered(server) > before + 200);
                load.getOutputStream().write("over\n".getBytes(StandardCharsets.US_ASCII));
                load.getOutputStream().flush();
                assertThat(load.waitFor()).isZero();
                assertThat(server.awaitExit()).as(server.log()).isZero();
                assertThat(Files.readString(log)).doesNotContain("failed").doesNotContain("wrong");
                assertThat(server.log())
                        .contains("drained")
                        .doesNotContain("unfinished")
                        .doesNotContain("ERROR");
            } finally {
                load.destroyForcibly();
            }
        }
    }

    private static double answered(ServerProcess server) throws Exception {
        return server.admin("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("prediction_requests_total{") && line.contains("v2-grpc"))
                .filter(line -> line.contains("success"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
