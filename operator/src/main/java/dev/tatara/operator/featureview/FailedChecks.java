package dev.tatara.operator.featureview;

import dev.tatara.api.v1alpha1.common.DataCheck;
import dev.tatara.api.v1alpha1.common.DataCheckStatus;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;

/** Checks that failed, in words. */
final class FailedChecks {
    /** A message names so many; the status has them all. */
    private static final int NAMED = 5;

    private FailedChecks() {}

    /** The failed checks that somebody wants to hear of; one with onFailure Log is only counted. */
    static List<DataCheckStatus> in(List<DataCheckStatus> checks) {
        return checks.stream()
                .filter(check -> check.verdict() == DataCheckStatus.Verdict.Failed)
                .filter(check -> check.onFailure() != DataCheck.OnFailure.Log)
                .toList();
    }

    static String inWords(List<DataCheckStatus> failed) {
        var words = String.join(
                "; ", failed.stream().limit(NAMED).map(FailedChecks::inWords).toList());
        return failed.size() <= NAMED ? words : words + "; and " + (failed.size() - NAMED) + " more";
    }

    private static String inWords(DataCheckStatus check) {
        var text = new StringBuilder(
                check.type() == null ? "a check" : check.type().name());
        if (check.column() != null) {
            text.append(" of ").append(check.column());
        }
        if (check.value() != null) {
            text.append(" is ").append(number(check.value()));
        }
        if (check.threshold() != null) {
            text.append(check.value() == null ? " breaks the bound " : ", its bound ")
                    .append(number(check.threshold()));
        }
        if (check.violations() != null) {
            text.append(" (")
                    .append(check.violations())
                    .append(check.violations() == 1 ? " violation)" : " violations)");
        }
        return text.toString();
    }

    private static String number(double value) {
        return BigDecimal.valueOf(value)
                .round(new MathContext(6))
                .stripTrailingZeros()
                .toPlainString();
    }
}
