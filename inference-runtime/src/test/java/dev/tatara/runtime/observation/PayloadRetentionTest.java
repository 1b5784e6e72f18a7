package dev.tatara.runtime.observation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.runtime.observation.Uploads.Kind;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PayloadRetentionTest {
    private static final Instant NOW = Instant.parse("2026-11-21T10:04:59Z");
    private static final Duration HOURLY = Duration.ofHours(1);

    @TempDir
    Path folder;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ArtifactStore store = ArtifactStore.open(StoreSettings.defaults());
    private PayloadRetention retention;

    @BeforeEach
    void keepADay() {
        Identity identity = new Identity("shop", "flowers", "r2", "iris", "3", "pod", "boot");
        retention = new PayloadRetention(
                Duration.ofDays(1),
                Duration.ofMinutes(5),
                HOURLY,
                identity,
                new ObservationMeters(registry).deletions(Kind.PAYLOAD_LOG),
                Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private void write(String... names) throws IOException {
        for (String name : names) {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, "x");
        }
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    /** How many calls it took. */
    private int round() throws ArtifactException {
        int calls = 0;
        while (retention.work(store, new ArtifactUri.LocalFile(folder)).isZero()) {
            calls++;
        }
        return calls;
    }

    @Test
    void whatIsOldEnoughGoesAndNothingElse() throws Exception {
        // The last record of hour 09 was written at 10:05 at the latest.
        write(
                "payloads/shop/flowers/r1/2026-11-19/23/pod-a-0.jsonl.gz",
                "payloads/shop/flowers/r1/2026-11-20/08/pod-a-0.jsonl.gz",
                "payloads/shop/flowers/r2/2026-11-20/08/pod-b-0.jsonl.gz");
        List<String> stay = List.of(
                "drift/shop/flowers/r1/20250101T000000Z/pod-a-0.bin",
                "feedback/shop/flowers/r1/2025-01-01/00/pod-a-0.jsonl.gz",
                "ledger/shop/flowers/r1/2025-01-01/00/pod-a-0.parquet",
                "payloads/other/flowers/r1/2025-01-01/00/pod-a-0.jsonl.gz",
                "payloads/shop/flowers-2/r1/2025-01-01/00/pod-a-0.jsonl.gz",
                "payloads/shop/flowers/2025-01-01/00/pod-a-0.jsonl.gz",
                "payloads/shop/flowers/notes.txt",
                "payloads/shop/flowers/r1/2025-01-01/00/notes.txt",
                "payloads/shop/flowers/r1/2025-01-01/99/pod-a-0.jsonl.gz",
                "payloads/shop/flowers/r1/2025-13-01/00/pod-a-0.jsonl.gz",
                "payloads/shop/flowers/r1/2026-11-20/09/pod-a-0.jsonl.gz",
                "payloads/shop/flowers/r2/2026-11-21/10/pod-b-0.jsonl.gz");
        write(stay.toArray(String[]::new));

        round();

        assertThat(files()).containsExactlyElementsOf(stay);
        assertThat(registry.get("store_files_deleted")
                        .tag("kind", "payload-log")
                        .counter()
                        .count())
                .isEqualTo(3);
        assertThat(round()).as("calls of a round with nothing to delete").isLessThanOrEqualTo(3);
    }

    /** Revisions whose names begin alike, and more young files than a page has. */
    @Test
    void youngFilesOfARevisionArePassedOver() throws Exception {
        for (int i = 0; i < 600; i++) {
            write("payloads/shop/flowers/r1/2026-11-21/09/pod-a-" + i + ".jsonl.gz");
        }
        for (String revision : List.of("r", "r-1", "r0", "r1", "r10", "r1x", "r2")) {
            write(
                    "payloads/shop/flowers/" + revision + "/2026-11-01/00/pod-a-0.jsonl.gz",
                    "payloads/shop/flowers/" + revision + "/2026-11-21/10/pod-a-0.jsonl.gz");
        }

        assertThat(round()).isLessThan(20);

        assertThat(files()).hasSize(607).noneMatch(name -> name.contains("2026-11-01"));
    }

    @Test
    void aRefusalEndsTheRoundAndTheNextBeginsAnew() throws Exception {
        write("payloads/shop/flowers/r1/2026-11-01/00/pod-a-0.jsonl.gz");
        assertThat(retention.work(store, new ArtifactUri.LocalFile(folder))).isZero();

        assertThat(retention.failed(new ArtifactException(ArtifactException.Kind.AccessDenied, "no")))
                .isEqualTo(HOURLY);

        assertThat(registry.get("store_delete_failures").counter().count()).isEqualTo(1);
        round();
        assertThat(files()).isEmpty();
    }

    @Test
    void theFirstRoundIsSoonButNotForAllPodsAtOnce() {
        assertThat(Stream.generate(retention::untilFirst).limit(1000))
                .allMatch(first -> !first.isNegative() && first.compareTo(Duration.ofMinutes(10)) < 0)
                .anyMatch(first -> first.compareTo(Duration.ofMinutes(5)) > 0)
                .anyMatch(first -> first.compareTo(Duration.ofMinutes(5)) < 0);
    }
}
