package dev.tatara.operator.inferenceservice.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.api.v1alpha1.rollout.Analysis;
import dev.tatara.api.v1alpha1.rollout.Shadow.Comparison;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.LatencyHistogram;
import dev.tatara.statistics.Pane.Column;
import dev.tatara.statistics.Pane.Role;
import dev.tatara.traffic.TrafficStatistics;
import dev.tatara.traffic.TrafficStatistics.Bucket;
import dev.tatara.traffic.TrafficStatistics.Figures;
import dev.tatara.traffic.TrafficStatistics.Shadowed;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Two revisions, buckets of five seconds, and what follows from them. */
class ChecksTest {
    private static final KubernetesSerialization YAML = new KubernetesSerialization();
    private static final Instant SINCE = Instant.parse("2026-01-01T00:00:00Z");

    private final List<TrafficStatistics> pods = new ArrayList<>();
    private Instant now = SINCE.plusSeconds(60);

    @Test
    void tooFewSamplesAreNoVerdict() {
        counted(0, figures(500, 0, 10), figures(30, 30, 10));

        assertThat(one("minSamples: 200, checks: [{name: errors, errorRate: {max: 0.01}}]"))
                .satisfies(result -> {
                    assertThat(result.verdict()).isEqualTo(Verdict.InsufficientData);
                    assertThat(result.samples()).isEqualTo(30);
                    assertThat(result.message()).isEqualTo("waiting for 200 requests (30 so far)");
                });
    }

    @Test
    void aBoundIsTheLastGoodValue() {
        counted(30, figures(1000, 0, 10), figures(200, 2, 10));
        assertThat(one("minSamples: 200, checks: [{name: errors, errorRate: {max: 0.01}}]"))
                .satisfies(result -> {
                    assertThat(result.verdict()).isEqualTo(Verdict.Passed);
                    assertThat(result.candidate()).isEqualTo(0.01);
                    assertThat(result.stable()).isZero();
                    assertThat(result.message()).isEqualTo("1 % of 200 requests failed, at most 1 % may");
                });

        counted(35, figures(0, 0, 10), figures(1, 1, 10));
        assertThat(one("minSamples: 200, checks: [{name: errors, errorRate: {max: 0.01}}]")
                        .verdict())
                .isEqualTo(Verdict.Failed);
    }

    @Test
    void whatCouldNotBeReachedHasFailed() {
        counted(30, figures(900, 0, 10), new Figures(90, 0, 10, latency(90, 10), List.of()));

        assertThat(one("minSamples: 100, checks: [{name: errors, errorRate: {max: 0.05}}]"))
                .satisfies(result -> {
                    assertThat(result.verdict()).isEqualTo(Verdict.Failed);
                    assertThat(result.candidate()).isEqualTo(0.1);
                });
    }

    /** A candidate that takes other inputs than stable answers 400 for what clients did right. */
    @Test
    void whatTheCandidateAloneRefusesHasFailed() {
        counted(30, refused(900, 0), refused(100, 30));

        assertThat(one("minSamples: 100, checks: [{name: errors, errorRate: {max: 0.05}}]"))
                .satisfies(result -> {
                    assertThat(result.verdict()).isEqualTo(Verdict.Failed);
                    assertThat(result.candidate()).isBetween(0.2, 0.3);
                    assertThat(result.message()).contains("(30 were refused for their inputs, of stable's 0 %)");
                });
        assertThat(one("minSamples: 100, checks: [{name: worse, errorRate: {significantlyWorse: {alpha: 0.01}}}]")
                        .verdict())
                .isEqualTo(Verdict.Failed);
    }

    @Test
    void whatClientsSendWrongIsNobodysFailure() {
        counted(30, refused(900, 90), refused(100, 14));

        assertThat(one("minSamples: 100, checks: [{name: errors, errorRate: {max: 0}}]"))
                .satisfies(result -> {
                    assertThat(result.verdict()).isEqualTo(Verdict.Passed);
                    assertThat(result.message()).isEqualTo("0 % of 100 requests failed, at most 0 % may");
                });
    }

    /** After a switch stable gets nothing: what it refused before says what clients send. */
    @Test
    void atAHundredPercentStableIsWhatItWasBefore() {
        pods.add(pod("old", bucket(-30, Map.of("old", refused(900, 90)))));
        pods.add(pod("new", bucket(30, Map.of("new", refused(100, 14)))));
        var check = "minSamples: 100, checks: [{name: errors, errorRate: {max: 0.05}}]";
        assertThat(one(check).verdict()).isEqualTo(Verdict.Passed);

        pods.add(pod("new", bucket(35, Map.of("new", refused(100, 90)))));
        assertThat(one(check).verdict()).isEqualTo(Verdict.Failed);
    }

    /** What went wrong an hour ago and is well since doesn't count, as long as there is enough of what is well. */
    @Test
    void theWindowIsTheShortestThatHasEnough() {
        counted(0, figures(1000, 0, 10), figures(100, 100, 10));
        counted(30, figures(1000, 0, 10), figures(150, 0, 10));
        counted(40, figures(1000, 0, 10), figures(150, 0, 10));

        assertThat(one("interval: 10s, minSamples: 200, checks: [{name: errors, errorRate: {max: 0.01}}]"))
                .satisfies(result -> {
                    assertThat(result.samples()).isEqualTo(300);
                    assertThat(result.verdict()).isEqualTo(Verdict.Passed);
                });
        assertThat(one("interval: 60s, minSamples: 200, checks: [{name: errors, errorRate: {max: 0.01}}]"))
                .satisfies(result -> {
                    assertThat(result.samples()).isEqualTo(400);
                    assertThat(result.verdict()).isEqualTo(Verdict.Failed);
                });
    }

    @Test
    void whatWasBeforeTheStageDoesNotCount() {
        counted(-30, figures(1000, 0, 10), figures(1000, 1000, 10));
        counted(30, figures(1000, 0, 10), figures(200, 0, 10));

        assertThat(one("minSamples: 200, checks: [{name: errors, errorRate: {max: 0}}]")
                        .verdict())
                .isEqualTo(Verdict.Passed);
    }

    @Test
    void percentilesAreOfAllPodsTogether() {
        pods.add(pod("new", bucket(30, Map.of("new", figures(900, 0, 10)))));
        pods.add(pod("new", bucket(30, Map.of("new", figures(100, 0, 1000)))));

        assertThat(one("minSamples: 100, checks: [{name: p95, latency: {percentile: 95, maxMillis: 500}}]"))
                .satisfies(result -> {
                    assertThat(result.verdict()).isEqualTo(Verdict.Failed);
                    assertThat(result.candidate()).isBetween(960.0, 1040.0);
                    assertThat(result.samples()).isEqualTo(1000);
                });
        assertThat(one("minSamples: 100, checks: [{name: p90, latency: {percentile: 90, maxMillis: 500}}]")
                        .verdict())
                .isEqualTo(Verdict.Passed);
    }

    @Test
    void aPercentileNeedsAsManySamplesAsMakeItMoreThanTheSlowest() {
        counted(30, figures(5000, 0, 10), figures(500, 0, 10));

        assertThat(one("minSamples: 100, checks: [{name: p, latency: {percentile: 99.9, maxMillis: 500}}]"))
                .satisfies(result -> {
                    assertThat(result.verdict()).isEqualTo(Verdict.InsufficientData);
                    assertThat(result.message()).contains("waiting for 100", "500 so far");
                });
    }

    @Test
    void anIncreaseIsOverStableInTheSameWindow() {
        counted(0, figures(1000, 0, 100), figures(1000, 0, 100));
        counted(40, figures(1000, 0, 10), figures(1000, 0, 15));
        var check =
                "interval: 10s, minSamples: 100, checks: [{name: p, latency: {percentile: 50, maxIncreasePercent: %d}}]";

        assertThat(one(check.formatted(20)).verdict()).isEqualTo(Verdict.Failed);
        assertThat(one(check.formatted(80)).verdict()).isEqualTo(Verdict.Passed);
    }

    @Test
    void aComparisonNeedsSamplesOfBothSides() {
        counted(30, figures(20, 0, 10), figures(1000, 0, 10));

        assertThat(one("minSamples: 100, checks: [{name: p, latency: {percentile: 50, maxIncreasePercent: 20}}]"))
                .satisfies(result -> {
                    assertThat(result.verdict()).isEqualTo(Verdict.InsufficientData);
                    assertThat(result.message()).contains("20 of stable");
                });
    }

    @Test
    void aCandidateThatFailsMoreOftenIsFoundAndOneThatDoesNotIsNot() {
        for (var second = 0; second < 60; second += 5) {
            counted(second, figures(1000, 10, 10), figures(100, 10, 10));
        }
        assertThat(one("minSamples: 100, checks: [{name: worse, errorRate: {significantlyWorse: {alpha: 0.01}}}]"))
                .satisfies(result -> {
                    assertThat(result.verdict()).isEqualTo(Verdict.Failed);
                    assertThat(result.message()).contains("10 % of the candidate's 1200", "worse beyond chance");
                });
        pods.clear();
        for (var second = 0; second < 60; second += 5) {
            counted(second, figures(1000, 100, 10), figures(100, 10, 10));
        }
        assertThat(one("minSamples: 100, checks: [{name: worse, errorRate: {significantlyWorse: {alpha: 0.01}}}]")
                        .verdict())
                .isEqualTo(Verdict.Passed);
    }

    /** A thousand rollouts of good candidates, each looked at after each of sixty buckets: no more are blamed than alpha. */
    @Test
    void goodCandidatesAreSeldomBlamedHoweverOftenOneLooks() {
        var random = new Random(7);
        var blamed = 0;
        for (var rollout = 0; rollout < 1000; rollout++) {
            pods.clear();
            var isBlamed = false;
            for (var bucket = 0; bucket < 12 && !isBlamed; bucket++) {
                counted(bucket * 5, figures(200, failures(200, random), 10), figures(50, failures(50, random), 10));
                isBlamed = one("minSamples: 1, checks: [{name: worse, errorRate: {significantlyWorse: {alpha: 0.05}}}]")
                                .verdict()
                        == Verdict.Failed;
            }
            blamed += isBlamed ? 1 : 0;
        }
        // 5 % and what chance adds to it in one of a thousand such tests.
        assertThat(blamed).isLessThanOrEqualTo(74);
    }

    private static long failures(int requests, Random random) {
        return random.doubles(requests).filter(draw -> draw < 0.03).count();
    }

    @Test
    void otherAnswersAreDrift() {
        counted(30, answers(1000, 0.5), answers(500, 0.5));
        var check = "minSamples: 200, checks: [{name: answers, predictionDrift: {test: PSI, maxDistance: 0.2}}]";
        assertThat(one(check)).satisfies(result -> {
            assertThat(result.verdict()).isEqualTo(Verdict.Passed);
            assertThat(result.samples()).isEqualTo(500);
        });
        pods.clear();

        counted(30, answers(1000, 0.5), answers(500, 0.9));
        assertThat(one(check)).satisfies(result -> {
            assertThat(result.verdict()).isEqualTo(Verdict.Failed);
            assertThat(result.message()).startsWith("PSI of class is ").contains("at most 0.2 is good");
        });
    }

    @Test
    void withoutSketchesThereIsNoVerdictOnAnswers() {
        counted(30, figures(1000, 0, 10), figures(1000, 0, 10));

        assertThat(one("minSamples: 200, checks: [{name: a, predictionDrift: {maxDistance: 0.2}}]")
                        .verdict())
                .isEqualTo(Verdict.InsufficientData);
    }

    @Test
    void copiesAreComparedOverTheWholeStage() {
        shadowed(0, new Shadowed(900, 3, 5, 0));
        shadowed(30, new Shadowed(95, 2, 0, 5));

        assertThat(comparison("{minSamples: 1000, maxMismatch: 0.01}")).satisfies(result -> {
            assertThat(result.name()).isEqualTo("comparison");
            assertThat(result.verdict()).isEqualTo(Verdict.Passed);
            assertThat(result.samples()).isEqualTo(1000);
            assertThat(result.candidate()).isEqualTo(0.01);
            assertThat(result.message())
                    .isEqualTo("1 % of 1000 answers differ from stable's (5 failed), at most 1 % may");
        });
        assertThat(comparison("{minSamples: 1000, maxMismatch: 0.009}").verdict())
                .isEqualTo(Verdict.Failed);
        assertThat(comparison("{minSamples: 1001}")).satisfies(result -> {
            assertThat(result.verdict()).isEqualTo(Verdict.InsufficientData);
            assertThat(result.message())
                    .isEqualTo("waiting for 1001 answers to compare (1000 so far, 5 copies dropped)");
        });
    }

    @Test
    void aSourceOutsideIsHeldAgainstItsBounds() {
        var check = "checks: [{name: mine, prometheus: {address: 'http://p', query: up, min: 0.5, max: 2}}]";
        assertThat(outside(check, new Measurements.Answer.Value(2)).verdict()).isEqualTo(Verdict.Passed);
        assertThat(outside(check, new Measurements.Answer.Value(0.4)).verdict()).isEqualTo(Verdict.Failed);
        assertThat(outside(check, new Measurements.Answer.Value(Double.NaN)).verdict())
                .isEqualTo(Verdict.InsufficientData);
        assertThat(outside(check, new Measurements.Answer.None("it is away")).message())
                .isEqualTo("it is away");
        assertThat(outside(check, new Measurements.Answer.Ended(false, "no")).verdict())
                .isEqualTo(Verdict.Failed);
    }

    /** Whatever pods count: results are there, in the order of checks, and silence is never a verdict. */
    @Property(tries = 200)
    void silenceIsNeverAVerdict(@ForAll long seed) {
        var random = new Random(seed);
        pods.clear();
        for (var second = 0; second < 60; second += 5) {
            if (random.nextBoolean()) {
                var stable = random.nextInt(300);
                counted(second, figures(stable, random.nextInt(stable + 1), 10), figures(0, 0, 10));
            }
        }
        var results = judge("""
                minSamples: %d, checks: [{name: a, errorRate: {max: 0}}, {name: b, latency: {percentile: 50, maxMillis: 1}},
                {name: c, errorRate: {significantlyWorse: {alpha: 0.4}}}, {name: d, predictionDrift: {maxDistance: 0}}]
                """.formatted(1 + random.nextInt(10)), Map.of());

        assertThat(results).extracting(CheckResult::name).containsExactly("a", "b", "c", "d");
        assertThat(results).extracting(CheckResult::verdict).containsOnly(Verdict.InsufficientData);
    }

    private CheckResult one(String analysis) {
        return judge(analysis, Map.of()).getFirst();
    }

    private CheckResult outside(String analysis, Measurements.Answer answer) {
        return judge(analysis, Map.of("mine", answer)).getFirst();
    }

    private List<CheckResult> judge(String analysis, Map<String, Measurements.Answer> answers) {
        return checks(answers).judge(YAML.unmarshal("---\n{" + analysis + "}", Analysis.class));
    }

    private CheckResult comparison(String comparison) {
        return checks(Map.of()).judge(YAML.unmarshal("---\n" + comparison, Comparison.class));
    }

    private Checks checks(Map<String, Measurements.Answer> answers) {
        return new Checks("old", "new", new Measurements(Timeline.merge(pods), answers), SINCE, now, 1);
    }

    private void counted(int second, Figures stable, Figures candidate) {
        pods.add(pod("old", bucket(second, Map.of("old", stable))));
        pods.add(pod("new", bucket(second, Map.of("new", candidate))));
    }

    private void shadowed(int second, Shadowed copies) {
        pods.add(pod("old", new Bucket(SINCE.plusSeconds(second), Map.of(), copies)));
    }

    private static TrafficStatistics pod(String revision, Bucket... buckets) {
        return new TrafficStatistics(revision, 3, 5, List.of(buckets));
    }

    private static Bucket bucket(int second, Map<String, Figures> revisions) {
        return new Bucket(SINCE.plusSeconds(second), revisions, Shadowed.NONE);
    }

    private static Figures figures(long requests, long failed, int millis) {
        return new Figures(requests, failed, 0, latency(requests, millis), List.of());
    }

    private static Figures refused(long requests, long refused) {
        return new Figures(requests, 0, refused, 0, latency(requests - refused, 10), List.of());
    }

    private static Figures answers(int count, double shareOfYes) {
        var sketch = new CategorySketch();
        for (var i = 0; i < count; i++) {
            sketch.update((i < count * shareOfYes ? "yes" : "no").getBytes(StandardCharsets.UTF_8));
        }
        return new Figures(count, 0, 0, latency(count, 10), List.of(new Column(Role.Prediction, "class", sketch)));
    }

    private static LatencyHistogram latency(long count, int millis) {
        var histogram = new LatencyHistogram();
        histogram.add(LatencyHistogram.bucket(millis * 1_000_000L), count);
        return histogram;
    }
}
