package dev.tatara.statistics.sequential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SpendingTest {
    @Test
    void oneTestHasAllOfItsAlpha() {
        assertThat(Spending.holm(new double[] {0.01}, new double[] {0.01})).containsExactly(true);
        assertThat(Spending.holm(new double[0], new double[0])).isEmpty();
    }

    @Test
    void eachHasItsOwnAlpha() {
        assertThat(Spending.holm(new double[] {0.02, 0.004}, new double[] {0.05, 0.01}))
                .containsExactly(true, true);
        assertThat(Spending.holm(new double[] {0.02, 0.011}, new double[] {0.05, 0.01}))
                .containsExactly(true, false);
        assertThat(Spending.holm(new double[] {0.03, 0.006}, new double[] {0.05, 0.01}))
                .containsExactly(false, false);
    }

    @Test
    void whatCouldNotBeTestedFindsNothing() {
        assertThat(Spending.holm(new double[] {Double.NaN, 0.004}, new double[] {0.01, 0.01}))
                .containsExactly(false, true);
    }

    /** Twenty tests of nothing: one or more finds something in 5 % of the cases at most. */
    @Test
    void manyTestsTogetherHaveTheAlphaOfOne() {
        SplittableRandom random = new SplittableRandom(7);
        double[] alphas = new double[20];
        Arrays.fill(alphas, 0.05);
        int cases = 5000;
        int wrong = 0;
        for (int i = 0; i < cases; i++) {
            boolean[] found = Spending.holm(random.doubles(alphas.length).toArray(), alphas);
            for (boolean one : found) {
                if (one) {
                    wrong++;
                    break;
                }
            }
        }
        assertThat(FalseWinnersTest.atLeast(wrong, cases, 0.05)).isGreaterThan(0.01);
        assertThat(wrong).isGreaterThan(cases * 3 / 100);
    }

    @Test
    void alphasAreNeededForAll() {
        assertThatThrownBy(() -> Spending.holm(new double[2], new double[1])).hasMessageContaining("2 p-values");
        assertThatThrownBy(() -> Spending.holm(new double[1], new double[1])).hasMessageContaining("alphas");
    }
}
