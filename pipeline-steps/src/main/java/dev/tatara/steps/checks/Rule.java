package dev.tatara.steps.checks;

import dev.tatara.api.v1alpha1.common.DataCheck;
import dev.tatara.contracts.CheckVerdict;
import dev.tatara.contracts.CheckVerdict.OnFailure;
import dev.tatara.contracts.CheckVerdict.Verdict;
import java.util.List;

/**
 * A check as figures of a table and a judgement on them.
 *
 * @param check what was asked for
 * @param figures aggregates in SQL, each a number
 * @param judge says what the figures mean
 */
record Rule(DataCheck check, List<String> figures, Judge judge) {
    Rule {
        figures = List.copyOf(figures);
    }

    /** Judges figures. */
    @FunctionalInterface
    interface Judge {
        CheckVerdict judge(long rows, List<Double> figures);
    }

    /** A verdict by whether the rule was kept. */
    static CheckVerdict verdict(DataCheck check, boolean kept, Double value, Double threshold, Long violations) {
        return of(check, kept ? Verdict.Passed : Verdict.Failed, value, threshold, violations);
    }

    static CheckVerdict insufficient(DataCheck check, Double threshold) {
        return of(check, Verdict.InsufficientData, null, threshold, null);
    }

    private static CheckVerdict of(DataCheck check, Verdict verdict, Double value, Double threshold, Long violations) {
        return new CheckVerdict(
                check.type().name(), check.column(), value, threshold, verdict, violations, onFailure(check));
    }

    static OnFailure onFailure(DataCheck check) {
        return switch (check.onFailure()) {
            case null -> OnFailure.Alert;
            case Alert -> OnFailure.Alert;
            case Block -> OnFailure.Block;
            case Log -> OnFailure.Log;
        };
    }
}
