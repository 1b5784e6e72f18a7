package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.TestModels;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody gets another's answer, whichever thread ran it. */
class ConcurrencyIT {
    private static final int CLIENTS = 12;
    private static final int REQUESTS = 300;

    @ParameterizedTest
    @ValueSource(strings = {"0s", "1ms", "1h"})
    void everyClientGetsItsOwnRows(String eventLoopBudget) throws Exception {
        try (ServerProcess server = ServerProcess.start(Map.of(
                        "MODEL_URI",
                        TestModels.path("identity-int64").toUri().toString(),
                        "TATARA_RUNTIME_INFERENCE_EVENT_LOOP_BUDGET",
                        eventLoopBudget));
                ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<?>> running = new ArrayList<>();
            for (int c = 0; c < CLIENTS; c++) {
                int client = c;
                running.add(clients.submit(() -> {
                    for (int i = 0; i < REQUESTS; i++) {
                        String id = client + "-" + i;
                        int columns = 1 + (client * 31 + i * 7) % 200;
                        int first = client * 1_000_000 + i * 1_000;
                        String data = IntStream.range(first, first + columns)
                                .mapToObj(String::valueOf)
                                .collect(Collectors.joining(",", "[", "]"));
                        HttpResponse<String> answer = server.post(
                                "/v2/models/identity-int64/infer",
                                "{\"id\":\"" + id
                                        + "\",\"inputs\":[{\"name\":\"x\",\"datatype\":\"INT64\",\"shape\":[1,"
                                        + columns + "],\"data\":" + data + "}]}");
                        assertThat(answer.body())
                                .contains("\"id\":\"" + id + "\"")
                                .endsWith("\"shape\":[1," + columns + "],\"data\":" + data + "}]}");
                    }
                    return null;
                }));
            }
            for (Future<?> client : running) {
                client.get();
            }
            assertThat(server.log()).doesNotContain("ERROR").doesNotContain("WARN");
        }
    }
}
