package dev.tatara.api.v1alpha1.driftpolicy;

import com.fasterxml.jackson.annotation.JsonFormat;
import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Bounded;
import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.Named;
import dev.tatara.api.v1alpha1.common.TimeSpan;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.time.Instant;
import java.util.List;

/**
 * What the operator knows about a policy.
 *
 * @param observedGeneration The metadata.generation that this status describes.
 * @param phase The state in one word.
 * @param evaluation Where the evaluations stand.
 * @param nextEvaluationTime When the next evaluation is due.
 * @param lastEvaluation The last evaluation that came to a verdict.
 * @param breaches Evaluations in a row that breached, of the kind of breach that has most.
 * @param causes How each kind of breach that is watched stands.
 * @param actions How often each action was taken, and from when on it may be taken again.
 * @param triggers What consumers are to do: the last trigger of each action.
 * @param newRows New rows of the FeatureView so far.
 * @param alerts Alerts that are firing, the newest first, and behind them those that ended a moment ago; at most 50.
 * @param alertsCount Number of alerts that are firing; at least so many where more than 50 are.
 * @param reportUrl Where the last report lies.
 * @param handled What was acted upon, so that nothing is acted upon twice.
 * @param conditions Ready (the policy does its work), Healthy (nothing is breached), Accepted, Progressing, NoConsumer
 *     while nobody does what an action asks for, and Stalled while only a person can help.
 */
@ApiType
public record DriftPolicyStatus(
        @Min(0) Long observedGeneration,
        Phase phase,
        EvaluationProgress evaluation,
        @JsonFormat(shape = JsonFormat.Shape.STRING) Instant nextEvaluationTime,
        Evaluation lastEvaluation,
        @Min(0) Integer breaches,
        @Size(max = 8) List<Cause> causes,
        @Size(max = 16) List<ActionStatus> actions,
        @Size(max = 16) List<Trigger> triggers,
        NewRowsStatus newRows,
        @Size(max = 50) List<Alert> alerts,
        @Min(0) Integer alertsCount,
        @Size(max = Grammar.URI_LENGTH) String reportUrl,
        Handled handled,
        @Size(max = 16) List<Condition> conditions) {
    /** The status of a policy that nobody has looked at yet. */
    public static final DriftPolicyStatus EMPTY = new DriftPolicyStatus(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);

    public DriftPolicyStatus {
        causes = Absent.orCopy(causes);
        actions = Absent.orCopy(actions);
        triggers = Absent.orCopy(triggers);
        alerts = Absent.orCopy(alerts);
        conditions = Absent.orCopy(conditions);
    }

    /** A status that says what is known of alerts and nothing else. */
    public static DriftPolicyStatus ofAlerts(List<Alert> alerts, int count) {
        return new DriftPolicyStatus(
                null, null, null, null, null, null, null, null, null, null, alerts, count, null, null, null);
    }

    /** The same without what is known of alerts, which is written by itself. */
    public DriftPolicyStatus withoutAlerts() {
        return new DriftPolicyStatus(
                observedGeneration,
                phase,
                evaluation,
                nextEvaluationTime,
                lastEvaluation,
                breaches,
                causes,
                actions,
                triggers,
                newRows,
                null,
                null,
                reportUrl,
                handled,
                conditions);
    }

    /** The state of a policy in one word. */
    @ApiEnum
    public enum Phase {
        Pending,
        Healthy,
        Drifting,
        Breached,
        InsufficientData,
        Failed,
        Suspended
    }

    /**
     * An evaluation.
     *
     * @param number Its number.
     * @param at End of the window that was judged.
     * @param window Length of the window.
     * @param revision Revision of the service that was judged.
     * @param modelVersion ModelVersion that the revision serves.
     * @param samples Rows that were answered in the window.
     * @param panes Panes in the window.
     * @param pods Pods that wrote them.
     * @param lost Panes that pods made and that never got into the store.
     * @param watermark End of the newest pane in the window: what happened later isn't here yet.
     * @param driftedShare Share of features that drifted.
     * @param drifted Number of features that drifted, of how many: 3/50.
     * @param features The 20 features that differ most, the worst first.
     * @param prediction Drift of answers.
     * @param performance Metrics of the model against labels.
     * @param service What callers met.
     * @param violations Rules of quality that are broken, counted by feature.
     */
    @ApiType
    public record Evaluation(
            @Min(0) Integer number,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant at,
            TimeSpan window,
            @Size(max = 63) String revision,
            @Size(max = Grammar.OBJECT_NAME_LENGTH) String modelVersion,
            @Min(0) Long samples,
            @Min(0) Long panes,
            @Min(0) Integer pods,
            @Min(0) Long lost,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant watermark,
            @Min(0) @Max(1) Double driftedShare,
            @Size(max = 16) String drifted,
            @Size(max = 20) List<Drift> features,
            Drift prediction,
            @Size(max = 16) List<PerformanceValue> performance,
            ServiceFigures service,
            @Min(0) Integer violations) {
        public Evaluation {
            driftedShare = Bounded.finite(driftedShare);
            drifted = Bounded.text(drifted, 16);
            features = Bounded.first(features, 20);
            performance = Bounded.first(performance, 16);
        }
    }

    /**
     * Drift of one feature, or of the answers.
     *
     * @param name Name of the feature.
     * @param test Test that was used.
     * @param statistic What the test found.
     * @param threshold Bound that it was compared with.
     * @param pValue p-value, where the test has one.
     * @param drifted Whether it counts as drift.
     * @param note What else there is to say, for people.
     */
    @ApiType
    public record Drift(
            @Size(max = 256) String name,
            DriftTest test,
            Double statistic,
            Double threshold,
            @Min(0) @Max(1) Double pValue,
            Boolean drifted,
            @Size(max = 256) String note) {
        public Drift {
            name = Bounded.text(name, 256);
            statistic = Bounded.finite(statistic);
            threshold = Bounded.finite(threshold);
            pValue = Bounded.finite(pValue);
            note = Bounded.text(note, 256);
        }
    }

    /**
     * A metric of the model against labels.
     *
     * @param metric Name of the metric.
     * @param value Its value.
     * @param samples Labelled predictions that it rests on.
     * @param breached Whether it broke its bound.
     */
    @ApiType
    public record PerformanceValue(
            @Size(max = Grammar.IDENTIFIER_LENGTH) String metric,
            Double value,
            @Min(0) Long samples,
            Boolean breached) {
        public PerformanceValue {
            value = Bounded.finite(value);
        }
    }

    /**
     * What callers met in the window.
     *
     * @param latencyP99Millis 99th percentile of the latency, in milliseconds.
     * @param errorRate Share of requests that failed, from 0 to 1.
     * @param requestsPerSecond Requests per second.
     */
    @ApiType
    public record ServiceFigures(
            Double latencyP99Millis,
            @Min(0) @Max(1) Double errorRate,
            @Min(0) Double requestsPerSecond) {
        public ServiceFigures {
            latencyP99Millis = Bounded.finite(latencyP99Millis);
            errorRate = Bounded.finite(errorRate);
            requestsPerSecond = Bounded.finite(requestsPerSecond);
        }
    }

    /**
     * How one kind of breach stands.
     *
     * @param breach The kind of breach.
     * @param verdict The latest verdict on it.
     * @param breached Evaluations in a row that breached; those with too little data aren't counted.
     * @param passed Evaluations in a row that didn't breach; those with too little data aren't counted.
     * @param since Since when it is breached, or since when it isn't.
     * @param reason Why, for people.
     */
    @ApiType
    public record Cause(
            @Required Action.Breach breach,
            Verdict verdict,
            @Min(0) Integer breached,
            @Min(0) Integer passed,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant since,
            @Size(max = 1024) String reason) {
        public Cause {
            reason = Bounded.text(reason, 1024);
        }
    }

    /** How a kind of breach was judged. */
    @ApiEnum
    public enum Verdict {
        Good,
        Warning,
        Breached,
        InsufficientData,
        Error
    }

    /**
     * How an action stands.
     *
     * @param name Name of the action.
     * @param taken How often it was asked for.
     * @param ineffective How often in a row it didn't help; each time the cooldown doubles.
     * @param cooldownUntil When it may be asked for again.
     * @param message Why it isn't asked for although what it reacts to is breached.
     */
    @ApiType
    public record ActionStatus(
            @Required @Size(min = 1, max = Grammar.LABEL_LENGTH)
            String name,

            @Min(0) Integer taken,
            @Min(0) Integer ineffective,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant cooldownUntil,
            @Size(max = 1024) String message)
            implements Named {
        public ActionStatus {
            message = Bounded.text(message, 1024);
        }
    }

    /**
     * What a consumer is to do.
     *
     * @param action Name of the action.
     * @param id Id of the trigger; who handles it records the id.
     * @param breaches What was breached.
     * @param reason What was breached, for people.
     * @param at When the trigger was set.
     * @param revision Revision that served then; the one that Rollback means.
     * @param state Pending, AwaitingApproval, Handled, or Withdrawn since the breach was over before anybody acted.
     * @param handledAt When it was handled or withdrawn.
     * @param runs Runs of TrainingJobs that answer it: churn/12.
     * @param effect Whether it helped, as soon as that is known.
     * @param message What came of it, or what it waits for.
     */
    @ApiType
    public record Trigger(
            @Required @Size(min = 1, max = Grammar.LABEL_LENGTH)
            String action,

            @Size(max = 128) String id,
            @Size(max = 8) List<Action.Breach> breaches,
            @Size(max = 1024) String reason,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant at,
            @Size(max = 63) String revision,
            State state,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant handledAt,
            @Size(max = 16) List<@Size(max = 300) String> runs,
            Effect effect,
            @Size(max = 1024) String message) {
        public Trigger {
            breaches = Absent.orCopy(breaches);
            reason = Bounded.text(reason, 1024);
            runs = Bounded.first(runs, 16);
            message = Bounded.text(message, 1024);
        }

        /** Whether nobody is to act on it any more. */
        public boolean hasEnded() {
            return state != State.Pending && state != State.AwaitingApproval;
        }

        /** Where a trigger stands. */
        @ApiEnum
        public enum State {
            Pending,
            AwaitingApproval,
            Handled,
            Withdrawn
        }

        /** What an action brought about; Unknown where it can't be told. */
        @ApiEnum
        public enum Effect {
            Helped,
            NotHelped,
            Unknown
        }
    }

    /**
     * New rows of a FeatureView.
     *
     * @param featureView Name of the FeatureView.
     * @param countedFrom Rows that it had when counting began.
     * @param rows Rows that are new since then.
     */
    @ApiType
    public record NewRowsStatus(
            @Size(max = Grammar.OBJECT_NAME_LENGTH) String featureView,
            @Min(0) Long countedFrom,
            @Min(0) Long rows) {}

    /**
     * An alert of an Alertmanager.
     *
     * @param fingerprint Its identity.
     * @param alertname Its name.
     * @param startsAt When it began to fire.
     * @param endsAt When it ended.
     * @param status firing or resolved, as the Alertmanager says.
     */
    @ApiType
    public record Alert(
            @Required @Size(min = 1, max = 64) String fingerprint,
            @Size(max = 256) String alertname,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant startsAt,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant endsAt,
            @Size(max = 16) String status) {
        public static final String FIRING = "firing";
        public static final String RESOLVED = "resolved";

        /** Whether it still fires. */
        public boolean fires() {
            return FIRING.equals(status);
        }
    }

    /**
     * What was acted upon.
     *
     * @param approve Value of mlops.tatara.dev/approve.
     * @param evaluate Value of mlops.tatara.dev/evaluate.
     */
    @ApiType
    public record Handled(
            @Size(max = 256) String approve,
            @Size(max = 256) String evaluate) {}
}
