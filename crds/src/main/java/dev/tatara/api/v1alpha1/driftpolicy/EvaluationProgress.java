package dev.tatara.api.v1alpha1.driftpolicy;

import com.fasterxml.jackson.annotation.JsonFormat;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.AttemptProgress;
import dev.tatara.api.v1alpha1.common.Bounded;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.StepOutcome;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.time.Instant;

/**
 * Where the evaluations stand: the one that was asked for last, and how far that is.
 *
 * @param number Number of the evaluation; the first of the policy is 1.
 * @param occasion What asked for it.
 * @param at End of the window that it judges. It stays when an attempt is repeated.
 * @param revision Revision of the service that it judges.
 * @param modelVersion ModelVersion that the revision serves.
 * @param definition Digest of what it judges by.
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
public record EvaluationProgress(
        @Min(0) Integer number,
        Occasion occasion,
        @JsonFormat(shape = JsonFormat.Shape.STRING) Instant at,
        @Size(max = 63) String revision,
        @Size(max = Grammar.OBJECT_NAME_LENGTH) String modelVersion,
        @Size(max = 64) String definition,
        @Min(0) Integer attempt,
        @Size(max = 63) String job,
        @JsonFormat(shape = JsonFormat.Shape.STRING) Instant startedAt,
        @JsonFormat(shape = JsonFormat.Shape.STRING) Instant finishedAt,
        @JsonFormat(shape = JsonFormat.Shape.STRING) Instant nextAttemptAt,
        StepOutcome lastOutcome,
        @Size(max = 128) String lastReason,
        @Size(max = 4096) String lastMessage)
        implements AttemptProgress {
    public EvaluationProgress {
        lastReason = Bounded.text(lastReason, 128);
        lastMessage = Bounded.text(lastMessage, 4096);
    }

    /** The same at the end of its attempt. */
    public EvaluationProgress ended(
            Instant finishedAt, Instant nextAttemptAt, StepOutcome outcome, String reason, String message) {
        return new EvaluationProgress(
                number,
                occasion,
                at,
                revision,
                modelVersion,
                definition,
                attempt,
                job,
                startedAt,
                finishedAt,
                nextAttemptAt,
                outcome,
                reason,
                message);
    }

    /** What asked for an evaluation. */
    @ApiEnum
    public enum Occasion {
        Schedule,
        Request,
        DefinitionChange
    }
}
