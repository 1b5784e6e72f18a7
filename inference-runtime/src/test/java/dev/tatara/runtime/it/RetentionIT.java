package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.artifacts.testing.FlakyRelay;
import dev.tatara.artifacts.testing.FlakyRelay.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Old files of the payload log go from an S3 store while the server serves. */
class RetentionIT {
    private static final Duration GENEROUS = Duration.ofSeconds(90);
    private static final Map<String, String> SETTINGS = Map.of(
            "TATARA_RUNTIME_LOGGING_SAMPLE_PERCENT", "100",
            "TATARA_RUNTIME_LOGGING_RETENTION", "1d",
            "TATARA_RUNTIME_LOGGING_RETENTION_INTERVAL", "1s",
            "TATARA_RUNTIME_MONITORING_ENABLED", "false");

    @TempDir
    Path folder;

    @Test
    void oldFilesOfThisServiceGoAndARefusalIsSaidOnce() throws Exception {
        String young = LocalDate.now(ZoneOffset.UTC) + "/00/pod-0-0.jsonl.gz";
        try (StoredObservations store = new StoredObservations(folder);
                FlakyRelay relay = FlakyRelay.to(store.server().port())) {
            for (int i = 0; i < 30; i++) {
                store.write("payloads/shop/flowers/0123456789/2026-01-31/23/pod-0-" + i + ".jsonl.gz");
            }
            store.write("payloads/shop/flowers/55ab012345/2026-01-31/23/pod-0-0.jsonl.gz");
            store.write("payloads/shop/flowers/55ab012345/" + young);
            store.write("payloads/shop/trees/0123456789/2026-01-31/23/pod-0-0.jsonl.gz");
            store.write("feedback/shop/flowers/0123456789/2026-01-31/23/pod-0-0.jsonl.gz");
            relay.next(new Fault.Answer(403), new Fault.Answer(403));
            try (ServerProcess server = ServerProcess.start(store.environment(relay.endpoint(), SETTINGS))) {
                Awaitility.await()
                        .atMost(GENEROUS)
                        .untilAsserted(
                                () -> assertThat(store.files("payloads"))
                                        .containsExactly(
                                                "s3://observations/base/payloads/shop/flowers/55ab012345/" + young,
                                                "s3://observations/base/payloads/shop/trees/0123456789/2026-01-31/23/pod-0-0.jsonl.gz"));
                assertThat(server.post("/predict", "[5.1,3.5,1.4,0.2]").statusCode())
                        .isEqualTo(200);
                String metrics = server.admin("/metrics").body();
                assertThat(metrics).contains("store_files_deleted_total{kind=\"payload-log\"} 31.0");
                assertThat(metrics).contains("store_delete_failures_total{kind=\"payload-log\"} 2.0");
                server.terminate();
                assertThat(server.awaitExit()).isZero();
                assertThat(server.log())
                        .containsOnlyOnce("can't be deleted, said once")
                        .contains("s3:DeleteObject", "deleted 31 files of the payload log")
                        .doesNotContain("ERROR");
            }
            assertThat(store.files("feedback")).hasSize(1);
            assertThat(store.files("payloads"))
                    .as("with what was logged meanwhile")
                    .hasSize(3);
        }
    }
}
