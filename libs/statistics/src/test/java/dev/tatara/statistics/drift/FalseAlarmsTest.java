package dev.tatara.statistics.drift;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How often quiet traffic counts as drift, and whether drift is found: a small edition of bench/drift-alarms. */
class FalseAlarmsTest {
    private static final int SEEDS = 20;
    private static final int FEATURES = 50;

    /** Share of the single features that may drift on quiet traffic, as docs/reference/drift-tests.md states it. */
    private static final double STATED = 0.01;

    @ParameterizedTest
    @CsvSource({"1000, 50, 0", "1000, 50, 0.9", "2000, 100, 0", "2000, 100, 0.9"})
    void quietTrafficTriggersNothing(int referenceRows, int rowsPerHour, double common) {
        double[] drifted = IntStream.range(0, SEEDS)
                .parallel()
                .mapToDouble(seed -> {
                    Watch watch =
                            new Watch(new Traffic(seed, FEATURES, common), referenceRows, rowsPerHour, Method.Auto);
                    double[] shares = watch.run(Watch.CONSECUTIVE, 0, 0);
                    assertThat(Watch.triggered(shares, 0.3)).as("seed %s", seed).isZero();
                    return shares[0];
                })
                .toArray();
        assertThat(IntStream.range(0, SEEDS)
                        .mapToDouble(i -> drifted[i])
                        .average()
                        .orElseThrow())
                .isLessThanOrEqualTo(STATED);
    }

    @ParameterizedTest
    @CsvSource({"1000, 100", "3000, 200"})
    void halfAStandardDeviationInThreeOfTenFeaturesIsFoundWithinAWindow(int referenceRows, int rowsPerHour) {
        IntStream.range(0, SEEDS).parallel().forEach(seed -> {
            Watch watch = new Watch(new Traffic(seed, 10, 0), referenceRows, rowsPerHour, Method.Auto);
            double[] shares = watch.run(Watch.WINDOW, 0.5, 3);
            assertThat(Watch.triggered(shares, 0.3)).as("seed %s", seed).isBetween(1, Watch.WINDOW);
            // What a share of 0.5 is for: a few features alone don't reach it.
            assertThat(Watch.triggered(shares, 0.5)).as("seed %s", seed).isZero();
        });
    }
}
