package dev.tatara.statistics.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.NumberSketch;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DriftShareTest {
    private static Comparison byPValue(double pValue) {
        return Judge.byPValue(new Rule(Method.ZTest, Bound.pValue(0.05), 0.2, 1), 1, 0, pValue, 2);
    }

    private static Comparison byDistance(double distance) {
        return Judge.byDistance(
                new Rule(Method.PSI, Bound.distance(0.1), null, 1), distance, 0, distance, 0, Double.NaN);
    }

    @Test
    void correctsPValuesAndLeavesDistancesAlone() {
        Map<String, Comparison> found = new LinkedHashMap<>();
        for (int i = 0; i < 9; i++) {
            found.put("quiet" + i, byPValue(0.5 + i / 100.0));
        }
        found.put("lucky", byPValue(0.04));
        found.put("far", byDistance(0.11));
        DriftShare plain = DriftShare.of(found, Correction.None, 0.5, null);
        DriftShare corrected = DriftShare.of(found, Correction.BenjaminiHochberg, 0.5, null);
        assertThat(plain.drifted()).isEqualTo(2);
        assertThat(corrected.drifted()).isEqualTo(1);
        assertThat(corrected.columns().getFirst().name()).isEqualTo("far");
        assertThat(plain.warned()).isEqualTo(1);
        assertThat(corrected.warned()).isZero();
        assertThat(corrected.columns().get(1).comparison().pValue()).isCloseTo(0.4, within(1e-12));
    }

    @Test
    void whatIsNotJudgedIsNoPartOfTheShare() {
        Map<String, Comparison> found = Map.of(
                "a", byDistance(0.2),
                "b", byDistance(0.05),
                "c", Untested.of(false, Note.New, ""),
                "d", Untested.of(false, Note.InsufficientData, ""),
                "e", Untested.of(true, Note.Vanished, ""));
        DriftShare share = DriftShare.of(found, Correction.BenjaminiHochberg, 0.5, null);
        assertThat(share.judged()).isEqualTo(3);
        assertThat(share.unjudged()).isEqualTo(2);
        assertThat(share.share()).isCloseTo(2.0 / 3, within(1e-12));
        assertThat(share.verdict()).isEqualTo(Verdict.Breached);
        assertThat(share.columns().stream().map(DriftShare.Column::name)).containsExactly("e", "a", "b", "c", "d");
    }

    @Test
    void verdicts() {
        Map<String, Comparison> half = Map.of("a", byDistance(0.1), "b", byDistance(0.05));
        // Bounds are where drift begins.
        assertThat(DriftShare.of(half, Correction.None, 0.5, null).verdict()).isEqualTo(Verdict.Breached);
        assertThat(DriftShare.of(half, Correction.None, 0.6, 0.5).verdict()).isEqualTo(Verdict.Warning);
        assertThat(DriftShare.of(half, Correction.None, 0.6, null).verdict()).isEqualTo(Verdict.Good);
        Map<String, Comparison> none = Map.of("a", byDistance(0.01));
        assertThat(DriftShare.of(none, Correction.None, 0, 0.0).verdict()).isEqualTo(Verdict.Good);
        Map<String, Comparison> few = Map.of("a", Untested.of(false, Note.InsufficientData, ""));
        assertThat(DriftShare.of(few, Correction.None, 0.5, null).verdict()).isEqualTo(Verdict.InsufficientData);
        assertThat(DriftShare.of(few, Correction.None, 0.5, null).share()).isNaN();
        assertThat(DriftShare.of(Map.of(), Correction.None, 0.5, null).verdict())
                .isEqualTo(Verdict.InsufficientData);
    }

    @Test
    void columnsMayHaveBoundsOfTheirOwn() {
        Map<String, Comparison> found = Map.of(
                "strict", Judge.byPValue(new Rule(Method.ZTest, Bound.pValue(0.001), null, 1), 1, 0, 0.004, 2),
                "never", Judge.byPValue(new Rule(Method.ZTest, Bound.pValue(0), null, 1), 1, 0, 0.001, 2),
                "plain", byPValue(0.004));
        DriftShare share = DriftShare.of(found, Correction.BenjaminiHochberg, 0.5, null);
        assertThat(share.columns().stream()
                        .filter(column -> column.comparison().drifted())
                        .map(DriftShare.Column::name))
                .containsExactly("plain");
    }

    @Test
    void quality() {
        NumberSketch reference = new NumberSketch();
        NumberSketch current = new NumberSketch();
        for (int i = 0; i < 100; i++) {
            reference.update(i % 10);
            current.update(i < 90 ? i % 10 + 10 : i % 2 == 0 ? Double.NaN : Double.POSITIVE_INFINITY);
        }
        Quality quality = new Quality(0.05, 3.0);
        assertThat(quality.violations(reference, reference)).isEmpty();
        assertThat(quality.violations(reference, current).stream().map(Quality.Violation::text))
                .containsExactly(
                        "0.1000 of the values are missing or infinite, expected 0.05 at most",
                        "the mean is 14.50, 3.464 standard deviations from the reference's 4.500, expected 3.0 at most");
        // The bound is the last good value.
        assertThat(new Quality(0.1, 3.5).violations(reference, current)).isEmpty();
        assertThat(quality.violations(null, current)).hasSize(1);
        assertThat(quality.violations(reference, new NumberSketch())).isEmpty();
        assertThat(new Quality(null, null).violations(reference, current)).isEmpty();
        assertThat(new Quality(0.0, 1.0).violations(reference, new CategorySketch()))
                .isEmpty();
    }

    @Test
    void aMeanThatLeavesAConstant() {
        NumberSketch constant = new NumberSketch();
        NumberSketch same = new NumberSketch();
        NumberSketch other = new NumberSketch();
        for (int i = 0; i < 7; i++) {
            constant.update(0.1);
            other.update(0.2);
        }
        for (int i = 0; i < 1000; i++) {
            same.update(0.1);
        }
        Quality quality = new Quality(null, 3.0);
        assertThat(quality.violations(constant, same)).isEmpty();
        assertThat(quality.violations(constant, other)).hasSize(1);
        assertThat(quality.violations(constant, other).getFirst().value()).isGreaterThan(1e6);
    }
}
