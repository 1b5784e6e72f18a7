package dev.tatara.operator.driftpolicy.plan;

import dev.tatara.api.v1alpha1.common.TimeSpan;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Drift;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Evaluation;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.PerformanceValue;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.ServiceFigures;
import dev.tatara.api.v1alpha1.driftpolicy.DriftTest;
import dev.tatara.contracts.DriftEvaluated;
import dev.tatara.operator.driftpolicy.plan.EvaluationLook.Concluded;
import dev.tatara.operator.steps.Words;
import java.time.Duration;

/** What a step found out, as a status says it. */
final class Findings {
    private Findings() {}

    static Evaluation of(Concluded concluded) {
        var run = concluded.run();
        var result = concluded.result();
        return new Evaluation(
                run.number(),
                run.at(),
                window(result.window()),
                run.revision(),
                run.modelVersion(),
                result.samples(),
                result.panes(),
                result.pods(),
                result.lost(),
                result.watermark(),
                result.driftedShare(),
                result.drifted(),
                result.features().stream().map(Findings::drift).toList(),
                result.prediction() == null ? null : drift(result.prediction()),
                result.performance().stream()
                        .map(one -> new PerformanceValue(one.metric(), one.value(), one.samples(), one.breached()))
                        .toList(),
                result.service() == null
                        ? null
                        : new ServiceFigures(
                                result.service().p99Millis(),
                                result.service().errorRate(),
                                result.service().requestsPerSecond()),
                result.quality() == null ? null : result.quality().violations());
    }

    private static Drift drift(DriftEvaluated.Feature found) {
        return new Drift(
                found.name(),
                Words.of(DriftTest.values(), found.test()),
                found.statistic(),
                found.threshold(),
                found.pValue(),
                found.drifted(),
                found.note());
    }

    private static TimeSpan window(DriftEvaluated.Window window) {
        if (window.start() == null || window.end() == null) {
            return null;
        }
        var length = Duration.ofSeconds(
                Duration.between(window.start(), window.end()).toSeconds());
        return length.isNegative() || length.compareTo(Duration.ofDays(9999)) > 0 ? null : TimeSpan.of(length);
    }
}
