package dev.tatara.operator.featureview.plan;

import dev.tatara.api.v1alpha1.featureview.FeatureViewSpec;
import dev.tatara.api.v1alpha1.featureview.FeatureViewSpec.Engine;
import dev.tatara.operator.schedule.CronSchedule;
import dev.tatara.operator.schedule.InvalidScheduleException;
import java.util.Optional;

/**
 * What of the API this version of the operator can honour, and what only the operator can tell to be wrong. The schema
 * is ahead of the operator; what can't be honoured is refused or named, never silently ignored.
 */
final class Support {
    static final String SCHEDULE = "spec.materialization.schedule";

    /**
     * Why nothing is computed.
     *
     * @param reason one CamelCase word
     * @param message what to change
     */
    record Refusal(String reason, String message) {}

    private Support() {}

    /** What would be computed otherwise than asked, so that it must not be computed at all. */
    static Optional<Refusal> refusal(FeatureViewSpec spec) {
        if (spec.engine() != null && spec.engine().type() == Engine.Type.Spark) {
            return Optional.of(new Refusal(
                    "NotSupported",
                    "spec.engine.type Spark isn't available in this version; use DuckDB, or leave spec.engine out"));
        }
        try {
            scheduleOf(spec);
            return Optional.empty();
        } catch (InvalidScheduleException e) {
            return Optional.of(new Refusal("InvalidSchedule", e.getMessage()));
        }
    }

    /** What is accepted and has no effect yet; empty if everything has. */
    static String withoutEffect(FeatureViewSpec spec) {
        return spec.push() != null && Boolean.TRUE.equals(spec.push().enabled())
                ? "without effect in this version: spec.push (rows come from spec.source alone)"
                : "";
    }

    /**
     * The schedule, if there is one.
     *
     * @throws InvalidScheduleException if it names no times
     */
    static Optional<CronSchedule> scheduleOf(FeatureViewSpec spec) {
        return spec.materialization() == null || spec.materialization().schedule() == null
                ? Optional.empty()
                : Optional.of(CronSchedule.of(spec.materialization().schedule(), SCHEDULE));
    }
}
