package dev.tatara.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.contracts.DriftEvaluated.Breach;
import dev.tatara.contracts.DriftEvaluated.Feature;
import dev.tatara.contracts.DriftEvaluated.Judgement;
import dev.tatara.contracts.DriftEvaluated.Performance;
import dev.tatara.contracts.DriftEvaluated.Quality;
import dev.tatara.contracts.DriftEvaluated.RolledUp;
import dev.tatara.contracts.DriftEvaluated.Service;
import dev.tatara.contracts.DriftEvaluated.Verdict;
import dev.tatara.contracts.DriftEvaluated.Window;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DriftEvaluatedTest {
    private static final int TERMINATION_MESSAGE = 4096;
    private static final Instant AT = Instant.parse("2026-11-21T06:00:00Z");

    @Test
    void whatIsWrittenIsReadBack() {
        var full = evaluated("spend_30d moved by 0.41 (PSI, bound 0.2)", 3);
        var json = json(full);

        assertThat(readBack(json)).isEqualTo(full);
        assertThat(json)
                .contains("\"window\":{\"start\":\"2026-11-20T06:00:00Z\",\"end\":\"2026-11-21T06:00:00Z\"}")
                .contains("{\"breach\":\"DataDrift\",\"verdict\":\"Breached\",\"reason\":\"spend_30d moved by")
                .contains("\"driftedShare\":0.06,\"drifted\":\"3/50\"");
        assertThat(full.verdict(Breach.Performance).orElseThrow().verdict()).isEqualTo(Judgement.Breached);
    }

    @Test
    void verdictsAreNeverCut() {
        var full = evaluated("平".repeat(1000), 20);
        assertThat(full.verdicts()).allMatch(verdict -> verdict.reason().length() == DriftEvaluated.LONGEST_REASON);

        var fits = full;
        while (json(fits).getBytes(StandardCharsets.UTF_8).length > TERMINATION_MESSAGE) {
            fits = fits.shorter().orElseThrow();
        }

        assertThat(fits.truncated()).isTrue();
        assertThat(fits.verdicts()).extracting(Verdict::breach).containsExactly(Breach.values());
        assertThat(fits.verdicts()).allMatch(verdict -> verdict.verdict() == Judgement.Breached);
        assertThat(fits.verdicts()).noneMatch(verdict -> verdict.reason().isEmpty());
        assertThat(readBack(json(fits))).isEqualTo(fits);
    }

    @Test
    void theWorstFeatureIsCutLast() {
        var once = evaluated("", 20).shorter().orElseThrow();
        assertThat(once.features())
                .hasSize(10)
                .startsWith(evaluated("", 20).features().getFirst());
        assertThat(once.prediction().note()).isNotNull();

        var least = once;
        for (var next = least.shorter(); next.isPresent(); next = least.shorter()) {
            least = next.get();
        }
        assertThat(least.features()).isEmpty();
        assertThat(least.drifted()).isEqualTo("3/50");
        assertThat(least.quality()).isEqualTo(new Quality(7, List.of()));
    }

    @Test
    void noNumberIsOtherThanFinite() {
        var feature = new Feature("a", "PSI", Double.NaN, Double.POSITIVE_INFINITY, null, false, false, null);
        assertThat(feature.statistic()).isNull();
        assertThat(feature.threshold()).isNull();
        assertThat(new Service(0, Double.NaN, Double.NaN, 0.0).errorRate()).isNull();
        assertThat(new Performance("f1", Double.NaN, 0, false, null).value()).isNull();
    }

    private static DriftEvaluated evaluated(String reason, int features) {
        return new DriftEvaluated(
                new Window(AT.minusSeconds(86_400), AT),
                AT.minusSeconds(7),
                1_000_000,
                100_000,
                4321,
                3,
                2,
                1,
                Arrays.stream(Breach.values())
                        .map(breach -> new Verdict(breach, Judgement.Breached, reason))
                        .toList(),
                0.06,
                "3/50",
                IntStream.range(0, features)
                        .mapToObj(i -> feature("a_feature_with_a_rather_long_name_" + i))
                        .toList(),
                feature("label"),
                List.of(new Performance("accuracy", 0.81, 1000, true, "12 labels of unknown classes")),
                new Service(1_000_000, 12.5, 0.001, 11.6),
                new Quality(7, List.of("spend_30d: 12 % are missing, expected at most 5 %")),
                "s3://bucket/drift-evaluations/shop/churn/12-ab/report.html",
                new RolledUp(1, 0, 180, 2, 178, null),
                false);
    }

    private static Feature feature(String name) {
        return new Feature(name, "PSI", 0.41, 0.2, null, true, false, "a new category: 12 % are “unknown”");
    }

    private static String json(DriftEvaluated details) {
        return StepResultCodec.toJson(StepResult.succeeded("drift", "1 of 5 kinds breached", details));
    }

    private static DriftEvaluated readBack(String json) {
        return StepResultCodec.fromJson(json, DriftEvaluated.class).details();
    }
}
