package dev.tatara.operator.featureview;

import dev.tatara.api.v1alpha1.common.DataCheck;
import dev.tatara.api.v1alpha1.common.DataCheckStatus;
import dev.tatara.operator.steps.FailedCheck;
import java.util.List;

/** The failed checks of a view's status. */
final class FailedChecks {
    private FailedChecks() {}

    /** Those that somebody wants to hear of; one with onFailure Log is only counted. */
    static List<FailedCheck> in(List<DataCheckStatus> checks) {
        return checks.stream()
                .filter(check -> check.verdict() == DataCheckStatus.Verdict.Failed)
                .filter(check -> check.onFailure() != DataCheck.OnFailure.Log)
                .map(check -> new FailedCheck(
                        // A type that only a newer step knows isn't kept.
                        check.type() == null ? "a check" : check.type().name(),
                        check.column(),
                        check.value(),
                        check.threshold(),
                        check.violations()))
                .toList();
    }
}
