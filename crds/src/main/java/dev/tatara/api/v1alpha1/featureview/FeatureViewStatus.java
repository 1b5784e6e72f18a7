package dev.tatara.api.v1alpha1.featureview;

import com.fasterxml.jackson.annotation.JsonFormat;
import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.common.DataCheckStatus;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.TimeSpan;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.time.Instant;
import java.util.List;

/**
 * What the operator knows about a view of features.
 *
 * @param observedGeneration The metadata.generation that this status describes.
 * @param phase The state in one word.
 * @param featuresCount Number of features.
 * @param entitiesCount Number of different keys in the last snapshot.
 * @param rows Number of rows in the last snapshot.
 * @param watermark Time of the newest row that was taken.
 * @param freshness Age of the newest row at the last materialization.
 * @param lastMaterialization The last materialization.
 * @param checks The latest verdict of each check.
 * @param snapshot The last snapshot.
 * @param handled What was acted upon, so that nothing is acted upon twice.
 * @param conditions Ready, ChecksPassed, Progressing, and Stalled while only a person can help.
 */
@ApiType
public record FeatureViewStatus(
        @Min(0) Long observedGeneration,
        Phase phase,
        @Min(0) Integer featuresCount,
        @Min(0) Long entitiesCount,
        @Min(0) Long rows,
        @JsonFormat(shape = JsonFormat.Shape.STRING) Instant watermark,
        TimeSpan freshness,
        MaterializationStatus lastMaterialization,
        @Size(max = 128) List<DataCheckStatus> checks,
        SnapshotStatus snapshot,
        Handled handled,
        @Size(max = 16) List<Condition> conditions) {
    public FeatureViewStatus {
        checks = Absent.orCopy(checks);
        conditions = Absent.orCopy(conditions);
    }

    /** The state of a view in one word. */
    @ApiEnum
    public enum Phase {
        Pending,
        Materializing,
        Ready,
        Blocked,
        Failed,
        Suspended
    }

    /**
     * A materialization.
     *
     * @param startedAt When it started.
     * @param duration How long it took.
     * @param rowsRead Rows read from the source.
     * @param rowsWritten Rows written to snapshot and online store.
     */
    @ApiType
    public record MaterializationStatus(
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant startedAt,
            TimeSpan duration,
            @Min(0) Long rowsRead,
            @Min(0) Long rowsWritten) {}

    /**
     * A snapshot.
     *
     * @param uri Where it lies.
     * @param sha256 SHA-256 of it in 64 lower-case hexadecimal digits.
     * @param rows Number of its rows.
     */
    @ApiType
    public record SnapshotStatus(
            @Size(max = Grammar.URI_LENGTH) String uri,
            @Size(max = 64) String sha256,
            @Min(0) Long rows) {}

    /**
     * What was acted upon.
     *
     * @param materialize Value of mlops.tatara.dev/materialize.
     * @param backfill Value of mlops.tatara.dev/backfill.
     */
    @ApiType
    public record Handled(
            @Size(max = 256) String materialize,
            @Size(max = 256) String backfill) {}
}
