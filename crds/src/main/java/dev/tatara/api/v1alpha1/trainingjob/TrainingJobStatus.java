package dev.tatara.api.v1alpha1.trainingjob;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Bounded;
import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.PassedOn;
import dev.tatara.api.v1alpha1.modelversion.Lineage;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the operator knows about a training.
 *
 * @param observedGeneration The metadata.generation that this status describes.
 * @param phase The state in one word.
 * @param nextScheduleTime When the schedule starts the next run; in the past where that time came while nothing could
 *     start.
 * @param latestRun Number of the latest run.
 * @param activeRun Number of the run that is active.
 * @param lastSuccessfulRun Number of the last run that registered a version.
 * @param runs The last runs, the newest first.
 * @param active Where the active run stands.
 * @param sweep Where the active sweep stands.
 * @param handled What was acted upon, so that nothing is acted upon twice.
 * @param conditions Ready, Accepted, Progressing, Tracked where runs are recorded, and Stalled while only a person
 *     can help.
 */
@ApiType
public record TrainingJobStatus(
        @Min(0) Long observedGeneration,
        Phase phase,
        @JsonFormat(shape = JsonFormat.Shape.STRING) Instant nextScheduleTime,
        @Min(0) Long latestRun,
        @Min(0) Long activeRun,
        @Min(0) Long lastSuccessfulRun,
        @Size(max = 50) List<Run> runs,
        ActiveRun active,
        SweepStatus sweep,
        Handled handled,
        @Size(max = 16) List<Condition> conditions) {
    /** The status of a training that nobody has looked at yet. */
    public static final TrainingJobStatus EMPTY =
            new TrainingJobStatus(null, null, null, null, null, null, null, null, null, null, null);

    public TrainingJobStatus {
        runs = Absent.orCopy(runs);
        conditions = Absent.orCopy(conditions);
    }

    /** The state of a training in one word. */
    @ApiEnum
    public enum Phase {
        Pending,
        Idle,
        Running,
        Failed,
        Suspended
    }

    /** The state of a run in one word. */
    @ApiEnum
    public enum RunPhase {
        Pending,
        Validating,
        Joining,
        Training,
        Evaluating,
        Registered,
        GatesFailed,
        DataRejected,
        Failed,
        Cancelled;

        /** The phases in which a run is over. */
        public static final Set<RunPhase> ENDS = Set.of(Registered, GatesFailed, DataRejected, Failed, Cancelled);
    }

    /**
     * One run.
     *
     * @param number Number of the run, from 1.
     * @param trigger What started the run.
     * @param phase The state in one word.
     * @param startedAt When the run started.
     * @param finishedAt When the run ended.
     * @param attempt Number of the current step's attempt, from 1.
     * @param progressPercent How far the trainer says it is.
     * @param metrics Metrics of the evaluation, by name.
     * @param modelVersion Name of the ModelVersion that the run registered.
     * @param reason Why the run is where it is, in one CamelCase word.
     * @param message What the run is waiting for, or how it ended and what to do.
     * @param mlflowRun Id of the run in MLflow.
     * @param tracking Where the run's record in MLflow stands, once the run has ended.
     */
    @ApiType
    public record Run(
            @Required @Min(1) Long number,
            @Size(max = 256) String trigger,
            RunPhase phase,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant startedAt,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant finishedAt,
            @Min(0) Integer attempt,
            @Min(0) @Max(100) Integer progressPercent,
            @Size(max = 64) Map<String, Double> metrics,
            @Size(max = Grammar.OBJECT_NAME_LENGTH) String modelVersion,
            @Size(max = 128) String reason,
            @Size(max = 2048) String message,
            @Size(max = 128) String mlflowRun,
            Tracking tracking) {
        public Run {
            metrics = Bounded.finite(metrics);
            reason = Bounded.text(reason, 128);
            message = Bounded.text(message, 2048);
        }

        /** Whether the run is over. */
        public boolean hasEnded() {
            return finishedAt != null;
        }
    }

    /** The steps of a run, each of them one Job per attempt. */
    @ApiEnum
    public enum Step {
        Validate,
        Join,
        Train,
        Evaluate,
        Register
    }

    /**
     * Where the active run stands, and what its steps have found so far.
     *
     * @param step The step that is under way.
     * @param attempt Number of the step's current or last attempt, from 1.
     * @param failures Attempts of the step that failed and count as tries.
     * @param job Name of the attempt's Job.
     * @param attemptStartedAt When the attempt started.
     * @param nextAttemptAt When the next attempt starts.
     * @param lastReason Why the last attempt failed, in one CamelCase word.
     * @param lastMessage Why the last attempt failed, for people.
     * @param pausedAt Since when the run is suspended.
     * @param pausedSeconds How long it was suspended before.
     * @param rows Rows of the training data, validation and test included.
     * @param datasets Data the model is trained on: the divided rows, and the snapshots that features came from.
     * @param model The model that was trained.
     */
    @ApiType
    public record ActiveRun(
            Step step,
            @Min(0) Integer attempt,
            @Min(0) Integer failures,
            @Size(max = 63) String job,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant attemptStartedAt,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant nextAttemptAt,
            @Size(max = 128) String lastReason,
            @Size(max = 2048) String lastMessage,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant pausedAt,
            @Min(0) Long pausedSeconds,
            @Min(0) Long rows,
            @Size(max = 64) List<Lineage.Dataset> datasets,
            TrainedModel model) {
        public ActiveRun {
            lastReason = Bounded.text(lastReason, 128);
            lastMessage = Bounded.text(lastMessage, 2048);
            datasets = Bounded.first(datasets, 64);
        }
    }

    /**
     * A model that a trainer made.
     *
     * @param uri Where its ONNX file lies.
     * @param sha256 SHA-256 of the file in 64 lower-case hexadecimal digits.
     * @param trainerImage Image that made it, with its digest.
     * @param trainedAt When it was made.
     * @param trial Number of the trial, in a sweep.
     * @param parameters Hyperparameters of the trial, in a sweep.
     */
    @ApiType
    public record TrainedModel(
            @Size(max = Grammar.URI_LENGTH) String uri,
            @Size(max = 64) String sha256,
            @Size(max = 512) String trainerImage,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant trainedAt,
            @Min(0) Integer trial,
            @PassedOn JsonNode parameters) {}

    /**
     * Where a run's record in MLflow stands.
     *
     * @param attempt Number of the current or last attempt, from 1.
     * @param nextAttemptAt When the next attempt starts.
     * @param trackedAt When the run was recorded.
     * @param abandoned Whether it is tried no more.
     * @param message What keeps the run from being recorded.
     */
    @ApiType
    public record Tracking(
            @Min(0) Integer attempt,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant nextAttemptAt,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant trackedAt,
            Boolean abandoned,
            @Size(max = 1024) String message) {
        public Tracking {
            message = Bounded.text(message, 1024);
        }

        /** Whether there is nothing left to do. */
        public boolean hasEnded() {
            return trackedAt != null || Boolean.TRUE.equals(abandoned);
        }
    }

    /**
     * Where a sweep stands.
     *
     * @param completed Trials that ended well.
     * @param running Trials that are running.
     * @param failed Trials that failed.
     * @param best The best trial so far.
     */
    @ApiType
    public record SweepStatus(
            @Min(0) Integer completed,
            @Min(0) Integer running,
            @Min(0) Integer failed,
            Best best) {}

    /**
     * The best trial of a sweep.
     *
     * @param trial Number of the trial.
     * @param parameters Hyperparameters of the trial.
     * @param value What the objective was.
     */
    @ApiType
    public record Best(@Min(0) Integer trial, @PassedOn JsonNode parameters, Double value) {}

    /**
     * What was acted upon.
     *
     * @param run Value of mlops.tatara.dev/run.
     * @param cancel Value of mlops.tatara.dev/cancel.
     * @param triggers Ids of the DriftPolicies' triggers, by policy/action.
     */
    @ApiType
    public record Handled(
            @Size(max = 256) String run,
            @Size(max = 256) String cancel,
            @Size(max = 256) Map<String, @Size(max = 256) String> triggers) {
        public Handled {
            triggers = Absent.orCopy(triggers);
        }
    }
}
