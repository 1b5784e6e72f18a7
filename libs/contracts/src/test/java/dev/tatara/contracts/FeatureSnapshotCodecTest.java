package dev.tatara.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.contracts.CheckVerdict.OnFailure;
import dev.tatara.contracts.CheckVerdict.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class FeatureSnapshotCodecTest {
    private static final FeatureSnapshot SNAPSHOT = new FeatureSnapshot(
            FeatureSnapshot.SCHEMA,
            "user-activity",
            "default",
            12,
            Instant.parse("2026-01-31T23:59:59.123456Z"),
            null,
            Instant.parse("2026-02-01T00:00:00Z"),
            "0".repeat(64),
            3,
            2,
            List.of(new FeatureSnapshot.DataFile(
                    "features/default/user-activity/data/" + "1".repeat(64) + ".parquet",
                    "1".repeat(64),
                    812,
                    3,
                    Instant.parse("2026-01-01T00:00:00Z"),
                    Instant.parse("2026-01-31T23:59:59.123456Z"))),
            List.of(new FeatureSnapshot.ColumnFigures("spend", 3, 1.5, 0.25)),
            List.of(new CheckVerdict("NullRatio", "spend", 0.0, 0.05, Verdict.Passed, 0L, OnFailure.Block)));

    @Test
    void whatIsWrittenIsReadBackAndIsTheSameEachTime() {
        var json = FeatureSnapshotCodec.toJson(SNAPSHOT);

        assertThat(FeatureSnapshotCodec.fromJson(json)).isEqualTo(SNAPSHOT);
        assertThat(FeatureSnapshotCodec.toJson(FeatureSnapshotCodec.fromJson(json)))
                .isEqualTo(json);
        assertThat(new String(json, StandardCharsets.UTF_8))
                .startsWith("{\"schema\":\"tatara.dev/feature-snapshot/v1\",\"view\":\"user-activity\"")
                .contains("\"watermark\":\"2026-01-31T23:59:59.123456Z\"")
                .doesNotContain("intervalStart");
    }

    @Test
    void keysHaveEightDigitsSoThatTheirOrderIsThatOfNumbers() {
        assertThat(SNAPSHOT.key()).isEqualTo("features/default/user-activity/snapshots/00000012.json");
    }

    @Test
    void otherBytesAreRefused() {
        for (var text : List.of("", "null", "{}", "{\"schema\":\"tatara.dev/feature-snapshot/v2\"}")) {
            assertThatThrownBy(() -> FeatureSnapshotCodec.fromJson(text.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(StepResultCodec.MalformedResultException.class)
                    .hasMessageContaining("expected the catalog of a snapshot");
        }
    }

    @Test
    void aVerdictHasNoNumberThatJsonHasNotEither() {
        var verdict = new CheckVerdict("Mean", "spend", Double.NaN, 3.0, Verdict.Failed, null, null);

        assertThat(verdict.value()).isNull();
        assertThat(verdict.onFailure()).isEqualTo(OnFailure.Alert);
    }
}
