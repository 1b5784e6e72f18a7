package dev.tatara.operator.modelversion.plan;

import dev.tatara.api.v1alpha1.common.ConditionStatus;

/** One aspect of a version, as a condition tells it. */
public record Judgement(ConditionStatus status, String reason, String message) {
    static Judgement passed(String reason, String message) {
        return new Judgement(ConditionStatus.True, reason, message);
    }

    static Judgement failed(String reason, String message) {
        return new Judgement(ConditionStatus.False, reason, message);
    }

    static Judgement unknown(String reason, String message) {
        return new Judgement(ConditionStatus.Unknown, reason, message);
    }

    public boolean holds() {
        return status == ConditionStatus.True;
    }
}
