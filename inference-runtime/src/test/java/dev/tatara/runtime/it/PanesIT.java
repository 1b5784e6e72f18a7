package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.Pane.Role;
import dev.tatara.statistics.PaneFormat;
import dev.tatara.statistics.Traffic;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
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
            assertThat(whole.traffic().requests()).isEqualTo(2_402);
            assertThat(whole.traffic().failed()).isZero();
            assertThat(whole.traffic().latency().count())
                    .as("of those that were answered well")
                    .isEqualTo(2_401);
            assertThat(whole.traffic().latency().quantile(0.5)).isBetween(Duration.ofNanos(1), Duration.ofSeconds(10));
            assertWhole(store.panes());
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

    /** Of each process every pane is there, from the first to the last. */
    private static void assertWhole(List<Pane> panes) {
        for (List<Pane> ofOne : byProcess(panes).values()) {
            assertThat(ofOne.stream().map(pane -> pane.origin().sequence()))
                    .containsExactlyElementsOf(
                            LongStream.range(0, ofOne.size()).boxed().toList());
            assertThat(ofOne.getLast().origin().last())
                    .as("it says that it ended in order")
                    .isTrue();
            assertThat(ofOne.stream().filter(pane -> pane.origin().last())).hasSize(1);
        }
    }

    private static Map<String, List<Pane>> byProcess(List<Pane> panes) {
        return panes.stream()
                .sorted(Comparator.comparingLong(pane -> pane.origin().sequence()))
                .collect(Collectors.groupingBy(pane -> pane.origin().bootId()));
    }

    @Test
    void failuresAndRefusalsOfBothProtocolsAreCounted() throws Exception {
        // Reading so many rows takes longer than the microsecond that the client waits.
        String late =
                "{\"parameters\":{\"timeout\":1},\"inputs\":[{\"name\":\"X\",\"shape\":[4000,4],\"datatype\":\"FP32\","
                        + "\"data\":[" + String.join(",", Collections.nCopies(4_000, "5.1,3.5,1.4,0.2")) + "]}]}";
        try (StoredObservations store = new StoredObservations(folder);
                ServerProcess server =
                        ServerProcess.start(store.environment("TATARA_RUNTIME_LIMITS_REQUESTS_PER_SECOND", "3"));
                GrpcWire wire = new GrpcWire(server.port())) {
            Map<Integer, Integer> byStatus = new HashMap<>();
            while (!byStatus.keySet().containsAll(List.of(200, 400, 429, 504))) {
                for (String body : List.of("[5.1,3.5,1.4,0.2]", "[1]")) {
                    byStatus.merge(server.post("/predict", body).statusCode(), 1, Integer::sum);
                }
                byStatus.merge(server.post("/v2/models/iris/infer", late).statusCode(), 1, Integer::sum);
                String status = wire.call(
                                "inference.GRPCInferenceService/ModelInfer", GrpcWire.framed(0, GrpcWire.IRIS))
                        .status();
                byStatus.merge(status.equals("8") ? 429 : status.equals("0") ? 200 : 500, 1, Integer::sum);
            }
            assertThat(server.get("/health").statusCode()).as("no inference").isEqualTo(200);
            server.terminate();
            assertThat(server.awaitExit()).isZero();
            Traffic traffic = Pane.merge(store.panes()).traffic();
            assertThat(byStatus).containsOnlyKeys(200, 400, 429, 504);
            assertThat(traffic.requests())
                    .isEqualTo(
                            byStatus.values().stream().mapToInt(count -> count).sum());
            assertThat(traffic.throttled()).isEqualTo(byStatus.get(429).longValue());
            assertThat(traffic.failed()).isEqualTo(byStatus.get(504).longValue());
            assertThat(traffic.latency().count()).isEqualTo(byStatus.get(200).longValue());
        }
    }

    @Test
    void aStoreThatComesAndGoesLosesNoPaneAndHindersNoAnswer() throws Exception {
        try (StoredObservations store = new StoredObservations(folder);
                ServerProcess server = ServerProcess.start(store.environment("TATARA_RUNTIME_MONITORING_PANE", "1s"))) {
            int rows = 0;
            for (int outage = 0; outage < 2; outage++) {
                Awaitility.await("a pane is there").atMost(GENEROUS).until(() -> !store.files("drift")
                        .isEmpty());
                store.server().stop();
                double before = failures(server);
                while (failures(server) < before + 2) {
                    assertThat(server.post("/predict", "[5.1,3.5,1.4,0.2]").statusCode())
                            .isEqualTo(200);
                    rows++;
                }
                store.server().start();
                Awaitility.await("nothing waits")
                        .atMost(GENEROUS)
                        .until(() -> server.metric("store_waiting_bytes{kind=\"pane\"}") == 0);
            }
            server.terminate();
            assertThat(server.awaitExit()).isZero();
            List<Pane> panes = store.panes();
            assertWhole(panes);
            Pane whole = Pane.merge(panes);
            assertThat(whole.rowsSeen()).isEqualTo(rows);
            assertThat(whole.traffic().requests()).isEqualTo(rows);
            for (String file : store.files("drift")) {
                Pane pane = PaneFormat.read(store.read(file));
                assertThat(file)
                        .as("late or not, it lies where its time is")
                        .contains("/"
                                + DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'")
                                        .withZone(ZoneOffset.UTC)
                                        .format(pane.start())
                                + "/");
            }
        }
    }

    private static double failures(ServerProcess server) throws Exception {
        return server.metric("store_write_failures_total{kind=\"pane\"}");
    }

    @Test
    void panesBeyondTheBoundAreDroppedOldestFirstAndTheGapTells() throws Exception {
        try (StoredObservations store = new StoredObservations(folder);
                ServerProcess server = ServerProcess.start(store.environment(
                        "TATARA_RUNTIME_MONITORING_PANE", "1s",
                        "TATARA_RUNTIME_MONITORING_MAX_BUFFERED_BYTES", "4000"))) {
            Awaitility.await("a pane is there").atMost(GENEROUS).until(() -> !store.files("drift")
                    .isEmpty());
            store.server().stop();
            Awaitility.await("some are too many")
                    .atMost(GENEROUS)
                    .until(() -> server.metric("panes_dropped_total") >= 2);
            store.server().start();
            server.terminate();
            assertThat(server.awaitExit()).isZero();
            List<Pane> panes = byProcess(store.panes()).values().iterator().next();
            assertThat(panes.getLast().origin().last()).isTrue();
            assertThat(panes.getLast().origin().sequence())
                    .as("a reader sees how many are lost")
                    .isGreaterThanOrEqualTo(panes.size() + 1);
        }
    }

    @Test
    void aKillCostsTheOpenPaneAndAReaderSeesIt() throws Exception {
        try (StoredObservations store = new StoredObservations(folder)) {
            try (ServerProcess killed =
                    ServerProcess.start(store.environment("TATARA_RUNTIME_MONITORING_PANE", "1s"))) {
                killed.post("/predict", "[5.1,3.5,1.4,0.2]");
                Awaitility.await("its row is there").atMost(GENEROUS).until(() -> store.panes().stream()
                        .anyMatch(pane -> pane.rowsSeen() == 1));
                killed.kill();
                killed.awaitExit();
            }
            try (ServerProcess next = ServerProcess.start(store.environment("TATARA_RUNTIME_MONITORING_PANE", "1s"))) {
                next.terminate();
                assertThat(next.awaitExit()).isZero();
            }
            Map<String, List<Pane>> byProcess = byProcess(store.panes());
            assertThat(byProcess).hasSize(2);
            for (List<Pane> panes : byProcess.values()) {
                assertThat(panes.getLast().origin().sequence())
                        .as("no pane but the open one is lost")
                        .isEqualTo(panes.size() - 1);
            }
            assertThat(byProcess.values().stream()
                            .filter(panes -> !panes.getLast().origin().last()))
                    .as("processes that left a pane open")
                    .hasSize(1);
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
