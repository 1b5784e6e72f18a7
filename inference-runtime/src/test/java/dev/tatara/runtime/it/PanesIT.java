package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.Pane.Role;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PanesIT {
    private static final Duration GENEROUS = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void everyRowOfEveryProtocolIsInAPaneWhenTheProcessHasEnded() throws Exception {
        try (StoredObservations store = new StoredObservations(folder);
                ServerProcess server = ServerProcess.start(store.environment(
                        "TATARA_RUNTIME_MONITORING_PANE", "2s",
                        "TATARA_RUNTIME_DRAIN_DELAY", "1s"));
                ExecutorService clients = Executors.newFixedThreadPool(4)) {
            AtomicInteger rows = new AtomicInteger();
            List<Future<?>> running = new ArrayList<>();
            for (int client = 0; client < 4; client++) {
                running.add(clients.submit(() -> {
                    for (int i = 0; i < 300; i++) {
                        assertThat(server.post("/predict", "[5.1,3.5,1.4," + i % 3 + "]")
                                        .statusCode())
                                .isEqualTo(200);
                        assertThat(server.post("/predict/batch", "[[5.1,3.5,1.4,0.2],[6,3,5,2]]")
                                        .statusCode())
                                .isEqualTo(200);
                        rows.addAndGet(3);
                    }
                    return null;
                }));
            }
            for (Future<?> future : running) {
                future.get();
            }
            assertThat(server.post("/predict", "[1]").statusCode()).isEqualTo(400);
            Awaitility.await("an empty pane, for there is no traffic")
                    .atMost(GENEROUS)
                    .until(() -> store.panes().stream().anyMatch(Pane::isEmpty));
            server.post("/predict", "[5.1,3.5,1.4,0.2]");
            rows.incrementAndGet();
            server.terminate();
            assertThat(server.awaitExit()).isZero();

            List<String> files = store.files("drift");
            assertThat(files)
                    .allMatch(file -> file.matches("s3://observations/base/drift/shop/flowers/55ab012345/"
                            + "\\d{8}T\\d{5}[02468]Z/flowers-55ab012345-x2x4k-[0-9a-f]{12}-\\d+\\.bin"));
            Pane whole = Pane.merge(store.panes());
            assertThat(whole.sources()).isEqualTo(files.size());
            assertThat(whole.rowsSeen()).isEqualTo(rows.get());
            assertThat(whole.rowsSampled()).isEqualTo(rows.get());
            assertThat(whole.origin().service()).isEqualTo("flowers");
            assertThat(whole.columns().stream().map(Pane.Column::name))
                    .contains("X[0]", "X[1]", "X[2]", "X[3]", "label", "probabilities[0]", "probabilities[2]");
            NumberSketch first = (NumberSketch)
                    whole.column(Role.Feature, "X[0]").orElseThrow().sketch();
            assertThat(first.count()).isEqualTo(rows.get());
            assertThat(first.mean()).isCloseTo((5.1 * 2401 + 6 * 1200) / 3601, within(1e-4));
            CategorySketch label = (CategorySketch)
                    whole.column(Role.Prediction, "label").orElseThrow().sketch();
            assertThat(label.count()).isEqualTo(rows.get());
            assertThat(label.isExact()).isTrue();
        }
    }

    @Test
    void aStoreThatIsAwayIsWaitedFor() throws Exception {
        try (StoredObservations store = new StoredObservations(folder)) {
            store.server().stop();
            try (ServerProcess server =
                    ServerProcess.start(store.environment("TATARA_RUNTIME_MONITORING_PANE", "1s"))) {
                for (int i = 0; i < 50; i++) {
                    server.post("/predict", "[5.1,3.5,1.4,0.2]");
                }
                Awaitility.await("it says so").atMost(GENEROUS).until(() -> server.log()
                        .contains("will try again"));
                assertThat(server.post("/predict", "[5.1,3.5,1.4,0.2]").statusCode())
                        .isEqualTo(200);
                store.server().start();
                server.terminate();
                assertThat(server.awaitExit()).isZero();
            }
            assertThat(Pane.merge(store.panes()).rowsSeen()).isEqualTo(51);
        }
    }

    @Test
    void withoutAStoreTheProcessEndsAllTheSame() throws Exception {
        try (StoredObservations store = new StoredObservations(folder)) {
            store.server().stop();
            try (ServerProcess server =
                    ServerProcess.start(store.environment("TATARA_RUNTIME_STORE_FLUSH_TIMEOUT", "1s"))) {
                server.post("/predict", "[5.1,3.5,1.4,0.2]");
                server.terminate();
                assertThat(server.awaitExit()).isZero();
                assertThat(server.log()).contains("are lost: the store did not take them");
            }
            store.server().start();
        }
    }
}
