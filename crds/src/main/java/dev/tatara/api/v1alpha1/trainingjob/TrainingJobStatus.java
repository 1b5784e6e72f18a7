package dev.tatara.api.v1alpha1.trainingjob;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.PassedOn;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What the operator knows about a training.
 *
 * @param observedGeneration The metadata.generation that this status describes.
 * @param phase The state in one word.
 * @param nextScheduleTime When the schedule starts the next run.
 * @param latestRun Number of the latest run.
 * @param activeRun Number of the run that is active.
 * @param lastSuccessfulRun Number of the last run that registered a version.
 * @param runs The last runs, the newest first.
 * @param sweep Where the active sweep stands.
 * @param handled What was acted upon, so that nothing is acted upon twice.
 * @param conditions Ready, Progressing, and Stalled while only a person can help.
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
        SweepStatus sweep,
        Handled handled,
        @Size(max = 16) List<Condition> conditions) {
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
        Cancelled
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
     * @param message What the run is waiting for, or how it ended.
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
            @Size(max = 2048) String message) {
        public Run {
            metrics = Absent.orCopy(metrics);
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
     * @param triggers Ids of the DriftPolicies' triggers, by name of the policy.
     */
    @ApiType
    public record Handled(
            @Size(max = 256) String run,
            @Size(max = 256) String cancel,
            @Size(max = 16) Map<String, @Size(max = 256) String> triggers) {
        public Handled {
            triggers = Absent.orCopy(triggers);
        }
    }
}
