package dev.tatara.runtime.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.onnx.OnnxModel;
import dev.tatara.runtime.TestModels;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchProbeTest {
    private static Batchability look(String name) {
        try (OnnxModel model = TestModels.open(name)) {
            return BatchProbe.look(model, Duration.ofMillis(1));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "iris",
                "iris-zipmap",
                "identity-string",
                "identity-bool",
                "identity-bf16",
                "add-fp16",
                "two-in-two-out",
                "fails-on-some",
                "medium"
            })
    void rowsThatMindTheirOwnBusinessMayBeRunTogether(String model) {
        assertThat(look(model).reason()).isEmpty();
        assertThat(look(model).possible()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fixed-shape  | input \"x\" has the fixed shape [2, 2], its first dimension counts no rows",
                "fails-on-odd | it refuses the rows that it was tried with",
                "minus-mean   | output \"y\" answers a row otherwise when other rows are run with it",
            })
    void otherModelsSayWhyNot(String model, String reason) {
        assertThat(look(model).possible()).isFalse();
        assertThat(look(model).reason()).isEqualTo(reason);
    }

    @Test
    void measuresWhatRowsShare() {
        RunCost cost = look("medium").cost();
        assertThat(cost.ofRows(1)).isPositive();
        assertThat(cost.ofRows(8)).isLessThanOrEqualTo(8 * cost.ofRows(1) * 1.000_001);
    }

    @Test
    void aLineThroughTwoMeasurements() {
        RunCost cost = RunCost.of(Duration.ofNanos(1_000), 9, Duration.ofNanos(2_600));
        assertThat(cost).isEqualTo(new RunCost(800, 200));
        assertThat(cost.ofRows(32)).isEqualTo(7_200);
        assertThat(cost.usefulRows()).isEqualTo(40);
        assertThat(new RunCost(0, 1_000).usefulRows()).isEqualTo(1);
        assertThat(new RunCost(1_000, 0).usefulRows()).isGreaterThan(65_536);
        // Noise: faster together than alone, or slower than one by one.
        assertThat(RunCost.of(Duration.ofNanos(1_000), 8, Duration.ofNanos(900)))
                .isEqualTo(new RunCost(1_000, 0));
        assertThat(RunCost.of(Duration.ofNanos(1_000), 2, Duration.ofNanos(5_000)))
                .isEqualTo(new RunCost(0, 1_000));
    }
}
