package dev.tatara.steps.materialize;

import dev.tatara.contracts.CheckVerdict.Verdict;
import dev.tatara.contracts.Materialized;
import java.util.Optional;

/** A materialization with half its verdicts; those that failed go last. */
final class ShorterMaterialized {
    private ShorterMaterialized() {}

    static Optional<Materialized> of(Materialized full) {
        var checks = full.checks();
        if (checks.isEmpty()) {
            return Optional.empty();
        }
        var failed = checks.stream()
                .filter(check -> check.verdict() != Verdict.Passed)
                .toList();
        return Optional.of(
                full.withOnly(failed.size() < checks.size() ? failed : checks.subList(0, checks.size() / 2)));
    }
}
