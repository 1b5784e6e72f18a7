package dev.tatara.api.v1alpha1.featureview;

import com.fasterxml.jackson.annotation.JsonFormat;
import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.AttemptProgress;
import dev.tatara.api.v1alpha1.common.Bounded;
import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.common.DataCheckStatus;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.StepOutcome;
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
 * @param nextScheduleTime When the schedule asks for the next materialization; in the past where that time came while
 *     one was under way or the view was suspended.
 * @param materialization Where materialization stands.
 * @param lastMaterialization The last materialization that succeeded.
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
        @JsonFormat(shape = JsonFormat.Shape.STRING) Instant nextScheduleTime,
        MaterializationProgress materialization,
        MaterializationStatus lastMaterialization,
        @Size(max = 128) List<DataCheckStatus> checks,
        SnapshotStatus snapshot,
        Handled handled,
        @Size(max = 16) List<Condition> conditions) {
    /** The status of a view that nobody has looked at yet. */
    public static final FeatureViewStatus EMPTY =
            new FeatureViewStatus(null, null, null, null, null, null, null, null, null, null, null, null, null, null);

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
     * Where materialization stands: what was asked for last, and how far that is.
     *
     * @param number Number of the materialization; the first of the view is 1.
     * @param trigger What asked for it.
     * @param start Begin of the interval that is read, where a backfill names one.
     * @param end End of the interval that is read. It stays when an attempt is repeated.
     * @param full Whether all rows are computed anew, whatever the mode says.
     * @param definition Digest of the definition that it computes the features by.
     * @param generation The metadata.generation that it began with.
     * @param attempt Number of the current or last attempt; 1 is the first.
     * @param job Name of the attempt's Job.
     * @param startedAt When the attempt started.
     * @param finishedAt When it ended. Absent while it is under way.
     * @param nextAttemptAt When the next attempt starts.
     * @param lastOutcome How the last attempt that ended did so.
     * @param lastReason Why, in one CamelCase word.
     * @param lastMessage Why, for people.
     */
    @ApiType
    public record MaterializationProgress(
            @Min(0) Integer number,
            Trigger trigger,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant start,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant end,
            Boolean full,
            @Size(max = 64) String definition,
            @Min(0) Long generation,
            @Min(0) Integer attempt,
            @Size(max = 63) String job,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant startedAt,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant finishedAt,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant nextAttemptAt,
            StepOutcome lastOutcome,
            @Size(max = 128) String lastReason,
            @Size(max = 4096) String lastMessage)
            implements AttemptProgress {
        public MaterializationProgress {
            lastReason = Bounded.text(lastReason, 128);
            lastMessage = Bounded.text(lastMessage, 4096);
        }

        /** The same at the end of its attempt. */
        public MaterializationProgress ended(
                Instant finishedAt, Instant nextAttemptAt, StepOutcome outcome, String reason, String message) {
            return new MaterializationProgress(
                    number,
                    trigger,
                    start,
                    end,
                    full,
                    definition,
                    generation,
                    attempt,
                    job,
                    startedAt,
                    finishedAt,
                    nextAttemptAt,
                    outcome,
                    reason,
                    message);
        }

        /** What asked for a materialization. */
        @ApiEnum
        public enum Trigger {
            Creation,
            DefinitionChange,
            Schedule,
            Request,
            Backfill
        }
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
     * @param number Its number; the current snapshot has the highest.
     * @param definition Digest of the definition that its features were computed by.
     */
    @ApiType
    public record SnapshotStatus(
            @Size(max = Grammar.URI_LENGTH) String uri,
            @Size(max = 64) String sha256,
            @Min(0) Long rows,
            @Min(0) Integer number,
            @Size(max = 64) String definition) {}

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
