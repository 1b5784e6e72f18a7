package dev.tatara.steps.drift;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec.ServiceLevel;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec.ServiceWarning;
import dev.tatara.contracts.DriftEvaluated.Judgement;
import dev.tatara.statistics.LatencyHistogram;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.Pane.Origin;
import dev.tatara.statistics.Traffic;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class ServiceJudgeTest {
    private static final Instant START = Instant.parse("2026-11-21T06:00:00Z");

    /** A thousand seconds. */
    private static Pane pane(Traffic traffic) {
        return new Pane(
                new Origin("shop", "churn", "r", "churn", "3", "", "", 0, false),
                START,
                START.plusSeconds(1000),
                1,
                0,
                0,
                traffic,
                List.of());
    }

    private static Traffic traffic(int requests, int failed, long millis) {
        var latency = new LatencyHistogram();
        for (int i = failed; i < requests; i++) {
            latency.record(millis * 1_000_000);
        }
        return new Traffic(requests, failed, 0, latency);
    }

    private static void isJudged(ServiceLevel level, Traffic traffic, Judgement judgement, String reason) {
        var verdict = ServiceJudge.judge(level, pane(traffic), 1000);
        assertThat(verdict.verdict()).as(verdict.reason()).isEqualTo(judgement);
        assertThat(verdict.reason()).contains(reason);
    }

    @Test
    void boundsAreTheLastGoodValues() {
        var level = new ServiceLevel(500.0, 0.01, 5.0, new ServiceWarning(200.0, 0.005, 8.0));
        isJudged(level, traffic(10_000, 0, 100), Judgement.Good, "error rate 0; 10 requests/s");
        isJudged(level, traffic(10_000, 100, 100), Judgement.Warning, "error rate 0.010, a warning is above 0.005");
        isJudged(level, traffic(10_000, 101, 100), Judgement.Breached, "error rate 0.010, expected at most 0.010");
        isJudged(level, traffic(10_000, 0, 300), Judgement.Warning, "ms, a warning is above 200");
        isJudged(level, traffic(10_000, 0, 600), Judgement.Breached, "ms, expected at most 500");
        isJudged(level, traffic(7_000, 0, 100), Judgement.Warning, "7 requests/s, a warning is below 8");
        isJudged(level, traffic(4_000, 0, 100), Judgement.Breached, "4 requests/s, expected at least 5");
    }

    @Test
    void fewRequestsTellOfThroughputAlone() {
        var all = new ServiceLevel(500.0, 0.01, 5.0, null);
        isJudged(all, traffic(999, 999, 0), Judgement.Breached, "0.999 requests/s, expected at least 5");
        var errors = new ServiceLevel(500.0, 0.01, null, null);
        isJudged(errors, traffic(999, 999, 0), Judgement.InsufficientData, "999 requests in the window, expected 1000");
        isJudged(errors, traffic(1000, 1000, 0), Judgement.Breached, "error rate 1, expected at most 0.010");
        isJudged(new ServiceLevel(500.0, null, null, null), traffic(1000, 1000, 0), Judgement.InsufficientData, "well");
    }

    @Test
    void podsThatDontTellAreNoVerdict() {
        isJudged(new ServiceLevel(500.0, null, null, null), null, Judgement.InsufficientData, "newer image");
        Assertions.assertThat(ServiceJudge.service(pane(null))).isEmpty();
    }
}
