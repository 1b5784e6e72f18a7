package dev.tatara.api.v1alpha1.driftpolicy;

import com.fasterxml.jackson.annotation.JsonFormat;
import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.common.Grammar;
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
 * @param lastEvaluation The last evaluation.
 * @param breaches Evaluations in a row that breached.
 * @param triggers What consumers are to do, by name of the action.
 * @param alerts Alerts that are firing, the newest first, and behind them those that ended a moment ago; at most 50.
 * @param alertsCount Number of alerts that are firing; at least so many where more than 50 are.
 * @param reportUrl Where the last report lies.
 * @param handled What was acted upon, so that nothing is acted upon twice.
 * @param conditions Ready, Healthy, NoConsumer, and Stalled while only a person can help.
 */
@ApiType
public record DriftPolicyStatus(
        @Min(0) Long observedGeneration,
        Phase phase,
        Evaluation lastEvaluation,
        @Min(0) Integer breaches,
        @Size(max = 16) List<Trigger> triggers,
        @Size(max = 50) List<Alert> alerts,
        @Min(0) Integer alertsCount,
        @Size(max = Grammar.URI_LENGTH) String reportUrl,
        Handled handled,
        @Size(max = 16) List<Condition> conditions) {
    public DriftPolicyStatus {
        triggers = Absent.orCopy(triggers);
        alerts = Absent.orCopy(alerts);
        conditions = Absent.orCopy(conditions);
    }

    /** A status that says what is known of alerts and nothing else. */
    public static DriftPolicyStatus ofAlerts(List<Alert> alerts, int count) {
        return new DriftPolicyStatus(null, null, null, null, null, alerts, count, null, null, null);
    }

    /** The same without what is known of alerts, which is written by itself. */
    public DriftPolicyStatus withoutAlerts() {
        return new DriftPolicyStatus(
                observedGeneration,
                phase,
                lastEvaluation,
                breaches,
                triggers,
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
        Suspended
    }

    /**
     * An evaluation.
     *
     * @param at When it was made.
     * @param window Length of the window.
     * @param samples Samples in the window.
     * @param driftedShare Share of features that drifted.
     * @param drifted Number of features that drifted, of how many: 3/50.
     * @param features The 20 features that differ most, the worst first.
     * @param prediction Drift of answers.
     * @param performance Metrics of the model against labels.
     */
    @ApiType
    public record Evaluation(
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant at,
            TimeSpan window,
            @Min(0) Long samples,
            @Min(0) @Max(1) Double driftedShare,
            @Size(max = 16) String drifted,
            @Size(max = 20) List<Drift> features,
            Drift prediction,
            @Size(max = 16) List<PerformanceValue> performance) {
        public Evaluation {
            features = Absent.orCopy(features);
            performance = Absent.orCopy(performance);
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
     */
    @ApiType
    public record Drift(
            @Size(max = Grammar.IDENTIFIER_LENGTH) String name,
            DriftTest test,
            Double statistic,
            Double threshold,
            @Min(0) @Max(1) Double pValue,
            Boolean drifted) {}

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
            Boolean breached) {}

    /**
     * What a consumer is to do.
     *
     * @param action Name of the action.
     * @param id Id of the trigger; who handles it records the id.
     * @param reason What was breached.
     * @param at When the trigger was set.
     * @param state Pending, AwaitingApproval or Handled.
     */
    @ApiType
    public record Trigger(
            @Required @Size(min = 1, max = Grammar.LABEL_LENGTH)
            String action,

            @Size(max = 128) String id,
            @Size(max = 1024) String reason,
            @JsonFormat(shape = JsonFormat.Shape.STRING) Instant at,
            State state) {

        /** Where a trigger stands. */
        @ApiEnum
        public enum State {
            Pending,
            AwaitingApproval,
            Handled
        }
    }

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
