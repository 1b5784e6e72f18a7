package dev.tatara.api.v1alpha1.modelversion;

import com.fasterxml.jackson.annotation.JsonFormat;
import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Bounded;
import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.Named;
import dev.tatara.api.v1alpha1.common.StepOutcome;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What the operator knows about this version of a model.
 *
 * @param observedGeneration The metadata.generation that this status describes.
 * @param phase The state in one word.
 * @param stage The stage this version has: the verdict on spec.stage.
 * @param digest Digest of the verified file: sha256: and 64 hexadecimal digits.
 * @param sizeBytes Length of the verified file in bytes.
 * @param opset Version of the default ONNX operator set that the model imports.
 * @param uri Where the verified bytes lie in the artifact store; serving pods load from there and nowhere else.
 * @param signature Inputs and outputs of the model.
 * @param task What the model does.
 * @param classes Names of the classes, in the order of the model's probabilities.
 * @param measurements What verification measured, by metric name.
 * @param usedBy Names of the InferenceServices that use this version; the version can't go while there are any.
 * @param stageHistory The last 20 changes of stage, the oldest first.
 * @param verification Where the inspection of the file stands.
 * @param quarantine Why this version's digest may not be served, and whether that was lifted.
 * @param handled Values of annotations that were acted upon, so that none is acted upon twice.
 * @param conditions Verified, GatesPassed, Approved, Ready, and Stalled while only a person can help.
 */
@ApiType
public record ModelVersionStatus(
        @Min(0) Long observedGeneration,
        Phase phase,
        Stage stage,
        @Size(max = 71) String digest,
        @Min(0) Long sizeBytes,
        @Min(0) Integer opset,
        @Size(max = Grammar.URI_LENGTH) String uri,
        Signature signature,
        Task task,
        @Size(max = 1000) List<@Size(max = 256) String> classes,
        @Size(max = 64) Map<String, Double> measurements,
        @Size(max = 256) List<@Size(max = Grammar.OBJECT_NAME_LENGTH) String> usedBy,
        @Size(max = 20) List<StageChange> stageHistory,
        Verification verification,
        Quarantine quarantine,
        Handled handled,
        @Size(max = 16) List<Condition> conditions) {
    /** The status of an object that the operator hasn't seen yet. */
    public static final ModelVersionStatus EMPTY = new ModelVersionStatus(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);

    public ModelVersionStatus {
        classes = Bounded.first(classes, 1000);
        measurements = Bounded.finite(measurements);
        usedBy = Bounded.first(usedBy, 256);
        stageHistory = Bounded.last(stageHistory, 20);
        conditions = Absent.orCopy(conditions);
    }

    /** The state of a version in one word. */
    @ApiEnum
    public enum Phase {
        Pending,
        Verifying,
        Ready,
        Rejected,
        Failed,
        Quarantined
    }

    /**
     * The inputs and outputs of a model, in the order of the ONNX graph.
     *
     * @param inputs Inputs of the model.
     * @param outputs Outputs of the model.
     * @param truncated Whether tensors or features were left out because there are too many of them.
     */
    @ApiType
    public record Signature(
            @Size(max = 128) List<Tensor> inputs,
            @Size(max = 128) List<Tensor> outputs,
            Boolean truncated) {
        public Signature {
            if (Absent.orCopy(inputs).size() > 128 || Absent.orCopy(outputs).size() > 128) {
                truncated = true;
            }
            inputs = Bounded.first(inputs, 128);
            outputs = Bounded.first(outputs, 128);
        }
    }

    /**
     * One input or output, in the terms of the Open Inference Protocol.
     *
     * @param name Name of the tensor in the ONNX graph.
     * @param datatype FP32, INT64, BYTES, … as the protocol names them; SEQUENCE or MAP for ONNX values that the
     *     protocol has no tensor for.
     * @param shape Length of each dimension; -1 where it is dynamic.
     * @param features Features of the last dimension, where they have names.
     */
    @ApiType
    public record Tensor(
            @Required @Size(min = 1, max = 1024) String name,
            @Required @Size(min = 1, max = 32) String datatype,
            @Size(max = 16) List<Long> shape,
            @Size(max = 1024) List<FeatureColumn> features)
            implements Named {
        public Tensor {
            shape = Absent.orCopy(shape);
            features = Absent.orCopy(features);
        }
    }

    /**
     * A change of stage.
     *
     * @param stage The stage the version got.
     * @param at When it got it.
     * @param reason Why, for people.
     */
    @ApiType
    public record StageChange(
            @Required Stage stage,

            @Required @JsonFormat(shape = JsonFormat.Shape.STRING)
            Instant at,

            @Size(max = 1024) String reason) {
        public StageChange {
            reason = Bounded.text(reason, 1024);
        }
    }

    /**
     * Where the inspection of a file stands.
     *
     * @param attempt Number of the current or last attempt, from 1.
     * @param job Name of the attempt's Job.
     * @param startedAt When the attempt started.
     * @param finishedAt When the attempt ended.
     * @param nextAttemptAt When the next attempt starts, after one that failed.
     * @param lastOutcome How the last attempt ended: Succeeded, Rejected (the file is at fault) or Failed (something
     *     around it is).
     * @param lastReason How the last attempt ended, in one CamelCase word.
     * @param lastMessage How the last attempt ended, for people.
     */
    @ApiType
    public record Verification(
            @Min(0) Integer attempt,
            @Size(max = Grammar.OBJECT_NAME_LENGTH) String job,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant startedAt,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant finishedAt,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant nextAttemptAt,
            StepOutcome lastOutcome,
            @Size(max = 128) String lastReason,
            @Size(max = 4096) String lastMessage) {
        public Verification {
            lastMessage = Bounded.text(lastMessage, 4096);
        }
    }

    /**
     * A ban on serving the digest of a version.
     *
     * @param id Id of this quarantine; a release names it.
     * @param reason Why the digest may not be served.
     * @param by Who imposed it: a user, or the InferenceService whose rollback did.
     * @param at When it was imposed.
     * @param releasedAt When it was lifted; absent while it holds.
     * @param releasedBy Who lifted it.
     * @param releaseReason Why it was lifted.
     */
    @ApiType
    public record Quarantine(
            @Size(max = 128) String id,
            @Size(max = 1024) String reason,
            @Size(max = 512) String by,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant at,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant releasedAt,
            @Size(max = 512) String releasedBy,
            @Size(max = 1024) String releaseReason) {
        public Quarantine {
            reason = Bounded.text(reason, 1024);
            releaseReason = Bounded.text(releaseReason, 1024);
        }

        /** Whether the ban holds. */
        public boolean holds() {
            return releasedAt == null;
        }
    }

    /**
     * Values of annotations that were acted upon.
     *
     * @param quarantine Value of mlops.tatara.dev/quarantine.
     * @param release Value of mlops.tatara.dev/release.
     * @param reviewed Value of mlops.tatara.dev/reviewed.
     * @param retry Value of mlops.tatara.dev/retry.
     */
    @ApiType
    public record Handled(
            @Size(max = 1024) String quarantine,
            @Size(max = 1024) String release,
            @Size(max = 1024) String reviewed,
            @Size(max = 1024) String retry) {}
}
