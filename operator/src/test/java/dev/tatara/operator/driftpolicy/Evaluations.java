package dev.tatara.operator.driftpolicy;

import dev.tatara.contracts.DriftEvaluated;
import dev.tatara.contracts.DriftEvaluated.Breach;
import dev.tatara.contracts.DriftEvaluated.Judgement;
import dev.tatara.contracts.DriftEvaluated.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the step would find, as tests want it. */
final class Evaluations {
    private Evaluations() {}

    static DriftEvaluated of(Map<Breach, Judgement> verdicts) {
        var end = Instant.parse("2026-01-01T12:00:00Z");
        return new DriftEvaluated(
                new DriftEvaluated.Window(end.minusSeconds(3600), end),
                end.minusSeconds(60),
                5000,
                5000,
                60,
                2,
                0,
                0,
                new TreeMap<>(verdicts)
                        .entrySet().stream()
                                .map(one -> new Verdict(one.getKey(), one.getValue(), "found to be " + one.getValue()))
                                .toList(),
                0.4,
                "4/10",
                List.of(new DriftEvaluated.Feature("spend_30d", "PSI", 0.31, 0.2, null, true, false, null)),
                null,
                List.of(new DriftEvaluated.Performance("accuracy", 0.93, 400, false, null)),
                null,
                null,
                null,
                null,
                false);
    }
}
