package dev.tatara.statistics.sequential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SampleRatioTest {
    @Test
    void whatCameAsItWasSentIsFine() {
        assertThat(SampleRatio.pValue(0, 0, 0.5)).isCloseTo(1, within(1e-9));
        assertThat(SampleRatio.pValue(50_000, 50_100, 0.5)).isEqualTo(1);
        assertThat(SampleRatio.pValue(900_000, 100_100, 0.1)).isEqualTo(1);
    }

    @Test
    void whatIsLostOnOneSideShows() {
        assertThat(SampleRatio.pValue(50_000, 48_000, 0.5)).isLessThan(SampleRatio.ALARM);
        assertThat(SampleRatio.pValue(90_000, 9_000, 0.1)).isLessThan(SampleRatio.ALARM);
        assertThat(SampleRatio.pValue(500, 480, 0.5)).isGreaterThan(0.5);
    }

    /** Looked at after each unit; 1 % of the runs may alarm. */
    @ParameterizedTest
    @ValueSource(doubles = {0.5, 0.05})
    void aRightRatioDoesNotAlarm(double share) {
        int runs = 1000;
        long alarms = IntStream.range(0, runs)
                .parallel()
                .filter(seed -> {
                    SplittableRandom random = new SplittableRandom(seed);
                    long candidate = 0;
                    for (int i = 1; i <= 5000; i++) {
                        candidate += random.nextDouble() < share ? 1 : 0;
                        if (SampleRatio.pValue(i - candidate, candidate, share) <= 0.01) {
                            return true;
                        }
                    }
                    return false;
                })
                .count();
        assertThat(FalseWinnersTest.atLeast(alarms, runs, 0.01)).isGreaterThan(0.01);
    }

    @Test
    void sharesLieBetween() {
        assertThatThrownBy(() -> SampleRatio.pValue(1, 1, 1)).hasMessageContaining("share");
    }
}
