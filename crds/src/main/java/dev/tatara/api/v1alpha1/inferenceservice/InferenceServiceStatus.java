package dev.tatara.api.v1alpha1.inferenceservice;

import com.fasterxml.jackson.annotation.JsonFormat;
import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Bounded;
import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.Named;
import dev.tatara.api.v1alpha1.rollout.Rollout;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.model.annotation.LabelSelector;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What the operator knows about a service.
 *
 * @param observedGeneration The metadata.generation that this status describes.
 * @param phase The state in one word.
 * @param url Where the service answers inside the cluster.
 * @param previewUrl Where the candidate alone answers, while a rollout has a preview.
 * @param model Name of the registered model that is served.
 * @param stable The revision that carries traffic.
 * @param candidate The revision that a rollout is bringing up.
 * @param rollout Where the rollout stands.
 * @param history The last 10 revisions that were tried, the newest first.
 * @param rejected Revisions that failed, which aren't tried again unless somebody says so; the newest first.
 * @param replicas Number of pods, of all revisions.
 * @param selector Label selector of the pods, for the scale subresource.
 * @param handled What was acted upon, so that nothing is acted upon twice.
 * @param conditions Ready (somebody is serving), UpToDate (what the spec asks for is serving), Progressing,
 *     AnalysisPassed, TrafficConverged, and Stalled while only a person can help.
 */
@ApiType
public record InferenceServiceStatus(
        @Min(0) Long observedGeneration,
        Phase phase,
        @Size(max = Grammar.URI_LENGTH) String url,
        @Size(max = Grammar.URI_LENGTH) String previewUrl,
        @Size(max = 63) String model,
        RevisionStatus stable,
        RevisionStatus candidate,
        RolloutStatus rollout,
        @Size(max = 10) List<Outcome> history,
        @Size(max = 10) List<Rejection> rejected,
        @StatusReplicas @Min(0) Integer replicas,
        @LabelSelector @Size(max = 1024) String selector,
        Handled handled,
        @Size(max = 16) List<Condition> conditions) {
    /** The status of an object that the operator hasn't seen yet. */
    public static final InferenceServiceStatus EMPTY = new InferenceServiceStatus(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null);

    public InferenceServiceStatus {
        history = Bounded.first(history, 10);
        rejected = Bounded.first(rejected, 10);
        conditions = Absent.orCopy(conditions);
    }

    /** The state of a service in one word. */
    @ApiEnum
    public enum Phase {
        Pending,
        Ready,
        Progressing,
        Paused,
        Degraded,
        RolledBack,
        Failed
    }

    /**
     * One revision of a service.
     *
     * @param modelVersion Name of the ModelVersion that it serves.
     * @param revision Id of the revision: 10 hexadecimal digits.
     * @param digest Digest of the model's file.
     * @param image Serving image that the revision was rendered with.
     * @param weight Percentage of the traffic that the revision is meant to get.
     * @param observedWeight Percentage that every router has acknowledged.
     * @param replicas Number of pods wanted.
     * @param readyReplicas Number of pods that are ready.
     * @param since When the revision took this place.
     */
    @ApiType
    public record RevisionStatus(
            @Size(max = Grammar.OBJECT_NAME_LENGTH) String modelVersion,
            @Size(max = 63) String revision,
            @Size(max = 71) String digest,
            @Size(max = 512) String image,
            @Min(0) @Max(100) Integer weight,
            @Min(0) @Max(100) Integer observedWeight,
            @Min(0) Integer replicas,
            @Min(0) Integer readyReplicas,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant since) {}

    /**
     * Where a rollout stands.
     *
     * @param strategy Strategy that the rollout began with.
     * @param revision Revision that is rolled out.
     * @param step Current step and number of steps: 2/4.
     * @param stepIndex Number of the current step, from 0.
     * @param stepName Name of the current step.
     * @param startedAt When the rollout started.
     * @param stepStartedAt When the current step started.
     * @param routedAt When the candidate had the step's pods, and its traffic moved.
     * @param heldSince When every router had acknowledged the step's traffic; hold counts from here.
     * @param analyzedAt When the checks of the step were judged last.
     * @param pausedAt When the rollout was paused, while it is.
     * @param pauseReason Why it is: Paused (by spec.rollout.paused), CheckFailed, NotReady, StepTimeout,
     *     InsufficientData, ExperimentDecided or ExperimentUndecided.
     * @param released Whether a person has let the rollout go on without waiting for anything but pods and routers.
     * @param keptReplicas Pods that stable had when the rollout started, and keeps while it lasts.
     * @param generation Generation of the traffic table in force.
     * @param message What the rollout is waiting for.
     * @param checks The latest verdict of each check.
     */
    @ApiType
    public record RolloutStatus(
            Rollout.Strategy strategy,
            @Size(max = 63) String revision,
            @Size(max = 16) String step,
            @Min(0) @Max(100) Integer stepIndex,
            @Size(max = 63) String stepName,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant startedAt,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant stepStartedAt,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant routedAt,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant heldSince,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant analyzedAt,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant pausedAt,
            @Size(max = 63) String pauseReason,
            Boolean released,
            @Min(0) Integer keptReplicas,
            @Min(0) Long generation,
            @Size(max = 4096) String message,
            @Size(max = 40) List<CheckStatus> checks) {
        public RolloutStatus {
            message = Bounded.text(message, 4096);
            checks = Bounded.first(checks, 40);
        }
    }

    /**
     * The latest verdict of a check.
     *
     * @param name Name of the check.
     * @param stable What was measured of stable.
     * @param candidate What was measured of the candidate.
     * @param samples Samples of the candidate that the verdict rests on.
     * @param verdict Passed, Failed or InsufficientData.
     * @param failures Failures in a row.
     * @param message What was expected and what was found.
     */
    @ApiType
    public record CheckStatus(
            @Required @Size(min = 1, max = 63) String name,
            Double stable,
            Double candidate,
            @Min(0) Long samples,
            Verdict verdict,
            @Min(0) Integer failures,
            @Size(max = 1024) String message)
            implements Named {
        /** A figure that is no number is absent: JSON has none for it, and the server would refuse the status. */
        public CheckStatus {
            stable = Bounded.finite(stable);
            candidate = Bounded.finite(candidate);
            message = Bounded.text(message, 1024);
        }

        /** The three answers of an analysis. */
        @ApiEnum
        public enum Verdict {
            Passed,
            Failed,
            InsufficientData
        }
    }

    /**
     * How the rollout of a revision ended.
     *
     * @param revision Id of the revision.
     * @param modelVersion Name of the ModelVersion that it serves.
     * @param digest Digest of the model's file.
     * @param at When the rollout ended.
     * @param outcome Promoted, RolledBack, Aborted, Superseded or Failed.
     * @param reason Why, for people.
     */
    @ApiType
    public record Outcome(
            @Required @Size(min = 1, max = 63) String revision,
            @Size(max = Grammar.OBJECT_NAME_LENGTH) String modelVersion,
            @Size(max = 71) String digest,

            @Required @JsonFormat(shape = JsonFormat.Shape.STRING)
            Instant at,

            End outcome,
            @Size(max = 1024) String reason) {
        public Outcome {
            reason = Bounded.text(reason, 1024);
        }

        /** The ways a rollout ends. */
        @ApiEnum
        public enum End {
            Promoted,
            RolledBack,
            Aborted,
            Superseded,
            Failed
        }
    }

    /**
     * A revision that failed. The ModelVersions with its digest are quarantined where quarantine is true.
     *
     * @param revision Id of the revision.
     * @param modelVersion Name of the ModelVersion that it served.
     * @param digest Digest of the model's file.
     * @param quarantine Whether the model itself is to blame, so that no service should serve the digest.
     * @param at When it was rejected.
     * @param reason Why, for people.
     */
    @ApiType
    public record Rejection(
            @Required @Size(min = 1, max = 63) String revision,
            @Size(max = Grammar.OBJECT_NAME_LENGTH) String modelVersion,
            @Size(max = 71) String digest,
            Boolean quarantine,

            @Required @JsonFormat(shape = JsonFormat.Shape.STRING)
            Instant at,

            @Size(max = 1024) String reason) {
        public Rejection {
            reason = Bounded.text(reason, 1024);
        }
    }

    /**
     * What was acted upon.
     *
     * @param promote Value of mlops.tatara.dev/promote.
     * @param abort Value of mlops.tatara.dev/abort.
     * @param retry Value of mlops.tatara.dev/retry.
     * @param rollback Value of mlops.tatara.dev/rollback.
     * @param triggers Ids of the DriftPolicies' triggers, by policy/action.
     */
    @ApiType
    public record Handled(
            @Size(max = 256) String promote,
            @Size(max = 256) String abort,
            @Size(max = 256) String retry,
            @Size(max = 256) String rollback,
            @Size(max = 64) Map<String, @Size(max = 256) String> triggers) {
        public Handled {
            triggers = Absent.orCopy(triggers);
        }
    }
}
