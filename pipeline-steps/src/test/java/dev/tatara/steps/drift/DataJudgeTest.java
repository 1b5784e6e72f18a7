package dev.tatara.steps.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.contracts.DriftEvaluated.Judgement;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.Pane.Column;
import dev.tatara.statistics.Pane.Role;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.drift.Pods.Rows;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataJudgeTest {
    private static final String PSI = "data: {share: 0.5, warn: 0.3, defaults: {test: PSI, distance: 0.2}}";

    @TempDir
    Path folder;

    private static Pane pane(Rows rows, int seed) {
        return Pods.pane("churn-a", "0123456789ab", seed, Instant.EPOCH, Duration.ofMinutes(1), rows, true);
    }

    private static final Pane REFERENCE = pane(Rows.of(5000), 1);

    private DataJudge judge(String spec, Pane live, ReferenceData reference) throws Exception {
        return new DataJudge(new Workplace(folder).plan(spec), live, reference);
    }

    private DataJudge judge(String spec, Pane live) throws Exception {
        return judge(spec, live, ReferenceData.of(REFERENCE, "the profile"));
    }

    @Test
    void trafficLikeTheReferenceIsGood() throws Exception {
        var found = judge(PSI, pane(Rows.of(5000), 2)).features();
        assertThat(found.verdict().verdict()).isEqualTo(Judgement.Good);
        assertThat(found.verdict().reason()).isEqualTo("0 of 3 features drifted (share 0, bound 0.500)");
        assertThat(found.features()).hasSize(3).noneMatch(feature -> feature.drifted());
    }

    @Test
    void whatMovedIsSaidInWords() throws Exception {
        var found = judge(PSI, pane(new Rows(5000, 18.9, 0.9), 2)).features();
        assertThat(found.verdict().verdict()).isEqualTo(Judgement.Breached);
        assertThat(found.verdict().reason())
                .startsWith("2 of 3 features drifted (share 0.667, bound 0.500): ")
                .containsPattern(
                        "spend_30d moved by [0-9.]+ \\(PSI, bound 0\\.200[^)]*\\): mean 12\\.3[0-9] → 18\\.[89]")
                .containsPattern("tier moved by [0-9.]+ .*“(gold|plain)” [0-9.]+ % → [0-9.]+ %");
        assertThat(found.features().getFirst().test()).isEqualTo("PSI");
        assertThat(found.features().getFirst().statistic()).isGreaterThan(0.2);
    }

    @Test
    void aThirdIsWorthAWarning() throws Exception {
        var found = judge(PSI, pane(new Rows(5000, 18.9, 0.25), 2)).features();
        assertThat(found.verdict().verdict()).isEqualTo(Judgement.Warning);
        assertThat(found.verdict().reason()).contains("1 of 3", "a warning is at 0.300");
    }

    @Test
    void tooFewSamplesAreNoVerdict() throws Exception {
        var judge = judge(
                PSI + "\nprediction: {test: PSI, distance: 0.2}\nwindow: {minSamples: 5000}",
                pane(new Rows(4999, 99, 0.9), 2));
        for (var found : List.of(judge.features(), judge.prediction())) {
            assertThat(found.verdict().verdict()).isEqualTo(Judgement.InsufficientData);
            assertThat(found.verdict().reason()).isEqualTo("4999 samples in the window, expected 5000 or more");
        }
    }

    @Test
    void podsThatHaveAnsweredNothingYetHaveLostNoColumn() throws Exception {
        var live = pane(Rows.of(5000), 2);
        var silent = new Pane(live.origin(), live.start(), live.end(), 1, 0, 0, live.traffic(), List.of());
        var judge = judge(PSI + "\nprediction: {test: PSI, distance: 0.2}\nwindow: {minSamples: 300}", silent);
        for (var found : List.of(judge.features(), judge.prediction())) {
            assertThat(found.verdict().verdict()).isEqualTo(Judgement.InsufficientData);
            assertThat(found.verdict().reason()).isEqualTo("0 samples in the window, expected 300 or more");
        }
    }

    @Test
    void withoutReferenceNothingIsComparedAndTheReasonIsTold() throws Exception {
        var live = pane(Rows.of(5000), 2);
        var none = judge(PSI, live, ReferenceData.none("the model version has no profile"))
                .features();
        assertThat(none.verdict().verdict()).isEqualTo(Judgement.InsufficientData);
        assertThat(none.verdict().reason()).isEqualTo("the model version has no profile");
        var broken = judge(PSI, live, ReferenceData.broken("DigestMismatch")).features();
        assertThat(broken.verdict().verdict()).isEqualTo(Judgement.Error);
        assertThat(broken.columns()).isEmpty();
    }

    @Test
    void columnsThatAreOnOneSideAlone() throws Exception {
        var columns = new ArrayList<>(pane(Rows.of(5000), 2).columns());
        columns.removeIf(column -> column.name().equals("visits"));
        var added = new NumberSketch();
        for (int i = 0; i < 5000; i++) {
            added.update(i);
        }
        columns.add(new Column(Role.Feature, "brand_new", added));
        var live = pane(Rows.of(5000), 2);
        live = new Pane(live.origin(), live.start(), live.end(), 1, 5000, 5000, live.traffic(), columns);

        var found = judge(PSI, live).features();
        assertThat(found.share().judged()).isEqualTo(3);
        assertThat(found.features().getFirst().name()).isEqualTo("visits");
        assertThat(found.features().getFirst().drifted()).isTrue();
        assertThat(found.features().getFirst().note()).isNotNull();
        assertThat(found.features())
                .filteredOn(feature -> feature.name().equals("brand_new"))
                .singleElement()
                .satisfies(feature -> assertThat(feature.drifted()).isFalse());
    }

    @Test
    void thresholdsOfFeaturesThatNobodyHasAreTold() throws Exception {
        var found = judge(
                        "data: {features: [{name: spend, test: PSI, distance: 0.1}, {name: visits, test: PSI, distance: 0}]}",
                        pane(Rows.of(5000), 2))
                .features();
        assertThat(found.verdict().reason()).endsWith("; there is no feature spend");
    }

    @Test
    void theLabelIsThePrediction() throws Exception {
        var found = judge("prediction: {test: PSI, distance: 0.2}", pane(Rows.of(5000), 2))
                .prediction();
        assertThat(found.verdict().verdict()).isEqualTo(Judgement.Good);
        assertThat(found.features()).singleElement().satisfies(feature -> assertThat(feature.name())
                .isEqualTo("label"));
    }

    @Test
    void qualityIsAVerdictOfItsOwn() throws Exception {
        var columns = new ArrayList<Column>();
        var numbers = new NumberSketch();
        for (int i = 0; i < 2000; i++) {
            numbers.update(i % 10 == 0 ? Double.NaN : 40);
        }
        columns.add(new Column(Role.Feature, "spend_30d", numbers));
        var live = pane(Rows.of(2000), 2);
        live = new Pane(live.origin(), live.start(), live.end(), 1, 2000, 2000, live.traffic(), columns);
        var spec = "data: {quality: {maxNullRatio: 0.05, meanWithinSigmas: 3}}";

        var found = judge(spec, live).quality();
        assertThat(found.verdict().verdict()).isEqualTo(Judgement.Breached);
        assertThat(found.quality().violations()).isEqualTo(2);
        assertThat(found.verdict().reason()).startsWith("2 rules are broken: spend_30d: ");

        var alone = judge(spec, live, ReferenceData.none("no profile")).quality();
        assertThat(alone.quality().violations()).isEqualTo(1);
        assertThat(alone.verdict().reason()).contains("means aren't looked at: no profile");
        assertThat(judge(spec, pane(Rows.of(2000), 2)).quality().verdict().verdict())
                .isEqualTo(Judgement.Good);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: {defaults: {test: ChiSquare, distance: 0.2}}",
                "data: {features: [{name: a, test: PSI, pValue: 0.2}]}",
                "prediction: {test: Wasserstein, pValue: 0.2}"
            })
    void boundsThatDontFitTheirTestsAreRefused(String spec) {
        assertThatThrownBy(() -> new Workplace(folder).plan(spec))
                .isInstanceOfSatisfying(StepFailure.class, failure -> {
                    assertThat(failure.reason()).isEqualTo("InvalidDefinition");
                    assertThat(failure).hasMessageContaining("spec.");
                });
    }

    @Test
    void whatAPolicyLeavesOutIsFilledIn() throws Exception {
        var plan = new Workplace(folder).plan("data: {}");
        assertThat(plan.length()).isEqualTo(Duration.ofHours(24));
        assertThat(plan.minSamples()).isEqualTo(1000);
        assertThat(plan.data().share()).isEqualTo(0.5);
        assertThat(plan.keep()).isEqualTo(30);
        assertThat(plan.html()).isFalse();
        assertThat(plan.prediction()).isNull();
        assertThat(plan.performance()).isEmpty();
    }
}
