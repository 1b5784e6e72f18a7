package dev.tatara.runtime.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tatara.runtime.model.RunCost;
import org.junit.jupiter.api.Test;

class ShapeCostsTest {
    private static final long WARM = 11L << 32;
    private static final long OTHER = 12L << 32;
    private final ShapeCosts costs = new ShapeCosts(new RunCost(800, 200), WARM);

    @Test
    void knowsWhatWasMeasured() {
        assertThat(costs.expected(WARM, 1)).isEqualTo(1_000);
        assertThat(costs.expected(WARM, 6)).isEqualTo(2_000);
        assertThat(costs.fixed(WARM)).isEqualTo(800);
        assertThat(costs.rowsWithin(WARM, 2_000, 32)).isEqualTo(6);
        assertThat(costs.rowsWithin(WARM, 1_000_000, 32)).isEqualTo(32);
        assertThat(costs.rowsWithin(WARM, 10, 32)).isEqualTo(1);
    }

    @Test
    void aShapeThatNeverRanMayTakeLong() {
        assertThat(costs.expected(OTHER, 1)).isGreaterThanOrEqualTo(1e9);
        assertThat(costs.fixed(OTHER)).isZero();
        assertThat(costs.rowsWithin(OTHER, 1_000_000, 32)).isEqualTo(1);
    }

    @Test
    void learnsByShape() {
        costs.learn(OTHER, 1, 50_000);
        assertThat(costs.expected(OTHER, 1)).isEqualTo(50_000);
        assertThat(costs.expected(WARM, 1)).isEqualTo(1_000);
    }

    @Test
    void aPauseOfTheMachineIsNotTheModels() {
        costs.learn(WARM, 1, 1_000_000_000);
        assertThat(costs.expected(WARM, 1)).isLessThan(1_500);
        for (int i = 0; i < 50; i++) {
            costs.learn(WARM, 4, 160);
        }
        assertThat(costs.expected(WARM, 1)).isCloseTo(100, within(20.0));
    }
}
