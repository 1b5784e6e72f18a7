package dev.tatara.operator.trainingjob.plan;

import dev.tatara.contracts.CheckVerdict;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.stream.Collectors;

/** Checks of the data that failed and stop nothing, in words. */
final class FailedVerdicts {
    /** So many are named; the report has them all. */
    private static final int NAMED = 5;

    private FailedVerdicts() {}

    /** Those that somebody wants to hear of; empty if there are none. */
    static String inWords(List<CheckVerdict> checks) {
        var failed = checks.stream()
                .filter(check -> check.verdict() == CheckVerdict.Verdict.Failed)
                .filter(check -> check.onFailure() != CheckVerdict.OnFailure.Log)
                .toList();
        var words = failed.stream().limit(NAMED).map(FailedVerdicts::inWords).collect(Collectors.joining("; "));
        return failed.size() <= NAMED ? words : words + "; and " + (failed.size() - NAMED) + " more";
    }

    private static String inWords(CheckVerdict check) {
        var text = new StringBuilder(check.type());
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
        return text.toString();
    }

    private static String number(double value) {
        return BigDecimal.valueOf(value)
                .round(new MathContext(6))
                .stripTrailingZeros()
                .toPlainString();
    }
}
