package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.TestModels;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The gRPC clients that people have get the right answers, type by type; each script says what it does and expects. */
class GrpcClientsIT {
    private static final List<String> MODELS =
            List.of("every-type", "every-typed", "iris", "iris-zipmap", "fixed-shape");
    private static final Map<String, ServerProcess> SERVERS = new LinkedHashMap<>();

    @BeforeAll
    static void start() {
        for (String model : MODELS) {
            SERVERS.put(
                    model,
                    ServerProcess.launch(
                            Map.of("MODEL_URI", TestModels.path(model).toUri().toString())));
        }
        SERVERS.values().forEach(ServerProcess::awaitReady);
    }

    @AfterAll
    static void stop() throws IOException {
        for (ServerProcess server : SERVERS.values()) {
            server.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"triton_grpc.py", "kserve_grpc.py", "mlserver_grpc.py"})
    void clientsGetTheRightAnswers(String script) throws Exception {
        String[] servers = SERVERS.entrySet().stream()
                .map(server ->
                        server.getKey() + "=localhost:" + server.getValue().port())
                .toArray(String[]::new);
        assertThat(PythonClient.run(script, servers)).contains("all is well");
        for (ServerProcess server : SERVERS.values()) {
            assertThat(server.log()).doesNotContain("ERROR").doesNotContain("\tat ");
        }
    }
}
