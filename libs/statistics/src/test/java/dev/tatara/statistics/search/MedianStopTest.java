package dev.tatara.statistics.search;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.statistics.search.MedianStop.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;

class MedianStopTest {
    private static final List<List<Double>> FINISHED = List.of(
            List.of(0.1, 0.2, 0.3, 0.4, 0.9), List.of(0.2, 0.3, 0.4, 0.5, 0.9), List.of(0.3, 0.4, 0.5, 0.6, 0.9));

    private final MedianStop rule = new MedianStop(Goal.Maximize, 3, 4);

    @Test
    void stopsWhatIsWorseThanTheMedianOfTheAverages() {
        assertThat(rule.judge(List.of(0.1, 0.1, 0.34, 0.1), FINISHED)).contains(new Reason(4, 0.34, 0.35));
    }

    @Test
    void theBestSoFarCountsAndTheMedianIsGoodEnough() {
        assertThat(rule.judge(List.of(0.1, 0.36, 0.1, 0.1), FINISHED)).isEmpty();
        assertThat(rule.judge(List.of(0.0, 0.0, 0.0, 0.35), FINISHED)).isEmpty();
    }

    @Test
    void laterStepsAreComparedWithAveragesUpToThem() {
        assertThat(rule.judge(List.of(0.36, 0.36, 0.36, 0.36, 0.36), FINISHED)).isPresent();
    }

    @Test
    void waitsForTheStartStepAndForEnoughTrials() {
        assertThat(rule.judge(List.of(0.0, 0.0, 0.0), FINISHED)).isEmpty();
        assertThat(rule.judge(List.of(0.0, 0.0, 0.0, 0.0), FINISHED.subList(0, 2)))
                .isEmpty();
        assertThat(new MedianStop(Goal.Maximize, 1, 0).judge(List.of(), FINISHED))
                .isEmpty();
    }

    @Test
    void lessCanBeBetter() {
        var minimize = new MedianStop(Goal.Minimize, 3, 4);
        assertThat(minimize.judge(List.of(0.9, 0.5, 0.4, 0.36), FINISHED)).contains(new Reason(4, 0.36, 0.35));
        assertThat(minimize.judge(List.of(0.9, 0.5, 0.4, 0.34), FINISHED)).isEmpty();
    }

    @Test
    void whatIsNoNumberSaysNothing() {
        assertThat(rule.judge(List.of(Double.NaN, Double.NaN, Double.NaN, Double.NaN), FINISHED))
                .as("a trial that only reports NaN")
                .isPresent();
        assertThat(rule.judge(List.of(0.0, 0.0, 0.0, 0.0), List.of(List.of(Double.NaN), List.of(), List.of(0.5))))
                .as("too few trials that reported a number")
                .isEmpty();
    }
}
