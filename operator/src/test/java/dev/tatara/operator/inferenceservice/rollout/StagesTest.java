package dev.tatara.operator.inferenceservice.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.common.TimeSpan;
import dev.tatara.api.v1alpha1.rollout.Rollout;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StagesTest {
    private static List<Stage> stages(String rollout) {
        return Stages.of(new KubernetesSerialization().unmarshal("---\n" + rollout, Rollout.class));
    }

    /** Copies and experiments are judged without a check of anybody's, in the analysis' terms. */
    @Test
    void anAnalysisCountsForWhatIsJudgedAnyway() {
        var shadow = stages("""
                strategy: Shadow
                analysis: {interval: 5s, failureLimit: 3, checks: [{name: errors, errorRate: {max: 0.01}}]}
                """).getFirst();
        assertThat(shadow.analysis().interval()).isEqualTo(TimeSpan.of(Duration.ofSeconds(5)));
        assertThat(shadow.analysis().failureLimit()).isEqualTo(3);
        assertThat(shadow.analysis().checks())
                .as("a shadow has no errors of its own")
                .isEmpty();

        var experiment = stages("""
                strategy: ABTest
                abTest: {sticky: {header: x-user}}
                analysis: {interval: 5s}
                """).getFirst();
        assertThat(experiment.analysis().interval()).isEqualTo(TimeSpan.of(Duration.ofSeconds(5)));
    }

    @Test
    void aStepThatNothingIsJudgedInHasNoAnalysis() {
        assertThat(stages("""
                strategy: Canary
                canary: {steps: [{name: some, weight: 0}, {name: all, weight: 100}]}
                analysis: {interval: 5s, checks: [{name: p99, latency: {percentile: 99, maxIncreasePercent: 20}}]}
                """)).extracting(Stage::analysis).containsOnlyNulls();
    }

    @Test
    void peopleStayOnTheirSideUntilTheWinnerHasAllOfThem() {
        assertThat(stages("{strategy: ABTest, abTest: {sticky: {header: x-user}}}"))
                .extracting(Stage::stickyHeader)
                .containsExactly("x-user", "x-user");
    }
}
