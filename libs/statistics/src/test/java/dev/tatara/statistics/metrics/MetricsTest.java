package dev.tatara.statistics.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tatara.statistics.metrics.RocCurve.Point;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static final double[] NONE = {};

    @Test
    void withoutRowsNothingIsDefined() {
        ConfusionMatrix matrix = new ConfusionMatrix();
        assertThat(matrix.accuracy()).isNaN();
        assertThat(matrix.rateDeviation()).isNaN();
        for (Averaging averaging : Averaging.values()) {
            assertThat(matrix.f1(averaging, "1")).isNaN();
        }
        assertThat(new LogLoss().mean()).isNaN();
        assertThat(new ClassScores(3).areaOneVersusRest()).isNaN();
        assertThat(new ClassScores(3).logLoss()).isNaN();
        RegressionErrors errors = new RegressionErrors();
        assertThat(errors.meanAbsoluteError()).isNaN();
        assertThat(errors.rootMeanSquaredError()).isNaN();
        assertThat(errors.determination()).isNaN();
        assertThat(RocCurve.of(NONE, NONE).area()).isNaN();
    }

    @Test
    void oneClassAlone() {
        ConfusionMatrix matrix = new ConfusionMatrix();
        matrix.add("1", "1");
        matrix.add("1", "1");
        assertThat(matrix.accuracy()).isEqualTo(1);
        assertThat(matrix.f1(Averaging.Macro, null)).isEqualTo(1);
        assertThat(matrix.precision(Averaging.Binary, "0")).isZero();
        assertThat(RocCurve.of(new double[] {0.5}, NONE).area()).isNaN();
        assertThat(RocCurve.of(new double[] {0.5}, NONE).points(10)).isEmpty();
    }

    @Test
    void scoresThatAreNotNumbers() {
        assertThat(RocCurve.of(new double[] {0.5, Double.NaN}, new double[] {0.1})
                        .area())
                .isNaN();
        assertThat(RocCurve.of(new double[] {0.5}, new double[] {0.1, Double.NaN})
                        .area())
                .isNaN();
        LogLoss loss = new LogLoss();
        loss.add(1);
        loss.add(Double.NaN);
        assertThat(loss.mean()).isNaN();
        RegressionErrors errors = new RegressionErrors();
        errors.add(1, Double.NaN);
        errors.add(1, 1);
        assertThat(errors.meanAbsoluteError()).isNaN();
        assertThat(errors.determination()).isNaN();
    }

    @Test
    void equalScoresAreHalfAWin() {
        assertThat(RocCurve.of(new double[] {1, 1}, new double[] {1, 1, 1}).area())
                .isEqualTo(0.5);
        assertThat(RocCurve.of(new double[] {-0.0}, new double[] {0.0}).area()).isEqualTo(0.5);
        assertThat(RocCurve.of(new double[] {2, 3}, new double[] {1, 2}).area()).isEqualTo(0.875);
    }

    @Property
    void theAreaIsWhatIsUnderTheCurve(
            @ForAll @Size(min = 1, max = 50) int[] positives, @ForAll @Size(min = 1, max = 50) int[] negatives) {
        double[] upper =
                java.util.Arrays.stream(positives).mapToDouble(i -> i % 7).toArray();
        double[] lower =
                java.util.Arrays.stream(negatives).mapToDouble(i -> i % 5).toArray();
        RocCurve curve = RocCurve.of(upper, lower);
        double area = 0;
        Point before = null;
        for (Point point : curve.points(1000)) {
            if (before != null) {
                area += (point.falsePositives() - before.falsePositives())
                        * (point.truePositives() + before.truePositives())
                        / 2;
            }
            before = point;
        }
        assertThat(before).isEqualTo(new Point(1, 1));
        assertThat(curve.area()).isCloseTo(area, within(1e-12));
        assertThat(curve.points(5).size()).isLessThanOrEqualTo(5);
    }

    @Property
    void theMicroAverageIsTheAccuracy(
            @ForAll @Size(min = 1, max = 40) int[] rows, @ForAll @IntRange(min = 2) int seed) {
        ConfusionMatrix matrix = new ConfusionMatrix();
        for (int row : rows) {
            matrix.add(String.valueOf(Math.floorMod(row, 4)), String.valueOf(Math.floorMod(row / seed, 4)));
        }
        assertThat(matrix.f1(Averaging.Micro, null)).isCloseTo(matrix.accuracy(), within(1e-12));
        assertThat(matrix.f1(Averaging.Macro, null)).isBetween(0.0, 1.0);
    }

    @Test
    void classesAreInTheOrderOfTheirNumbers() {
        ConfusionMatrix matrix = new ConfusionMatrix();
        for (String name : new String[] {"10", "9", "2", "-1", "3", "11"}) {
            matrix.add(name, "9");
        }
        assertThat(matrix.classes()).containsExactly("-1", "2", "3", "9", "10", "11");
        assertThat(matrix.answered("9")).isEqualTo(6);
        assertThat(matrix.labelled("10")).isEqualTo(1);
        matrix.add("none", "9");
        assertThat(matrix.classes()).containsExactly("-1", "10", "11", "2", "3", "9", "none");
    }

    @Test
    void sharesOfAnswersAgainstSharesOfLabels() {
        ConfusionMatrix matrix = new ConfusionMatrix();
        for (int i = 0; i < 10; i++) {
            matrix.add(i < 5 ? "a" : "b", i < 2 ? "a" : "b");
        }
        assertThat(matrix.rateDeviation()).isCloseTo(0.3, within(1e-12));
    }

    @Test
    void aClassThatNoRowHasIsLeftOut() {
        ClassScores scores = new ClassScores(3);
        scores.add(0, new double[] {0.9, 0.1, 0}, 0);
        scores.add(1, new double[] {0.2, 0.8, 0}, 0);
        assertThat(scores.areaOneVersusRest()).isEqualTo(1);
        scores.add(-1, new double[] {0.9, 0.1, 0}, 0);
        assertThat(scores.areaOneVersusRest()).isEqualTo((0.75 + 1) / 2);
        assertThat(scores.logLoss()).isGreaterThan(10);
    }

    @Test
    void labelsThatAreAllTheSame() {
        RegressionErrors right = new RegressionErrors();
        RegressionErrors wrong = new RegressionErrors();
        for (int i = 0; i < 5; i++) {
            right.add(0.1, 0.1);
            wrong.add(0.1, 0.2);
        }
        assertThat(right.determination()).isEqualTo(1);
        assertThat(wrong.determination()).isZero();
        assertThat(right.labelDeviation()).isZero();
    }
}
