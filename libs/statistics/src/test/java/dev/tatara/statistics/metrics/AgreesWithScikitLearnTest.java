package dev.tatara.statistics.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Metrics of real predictions against what scikit-learn says of them: src/test/python/make_metrics.py. */
class AgreesWithScikitLearnTest {
    private static final double TOLERANCE = 1e-9;

    @ParameterizedTest
    @ValueSource(strings = {"iris", "digits", "digits-blind", "breast-cancer"})
    void onClasses(String name) throws IOException {
        ConfusionMatrix matrix = new ConfusionMatrix();
        List<String[]> rows = read(name);
        int width = rows.getFirst().length - 2;
        ClassScores scores = new ClassScores(width);
        for (String[] row : rows.subList(1, rows.size())) {
            matrix.add(row[0], row[1]);
            double[] of =
                    Arrays.stream(row).skip(2).mapToDouble(Double::parseDouble).toArray();
            scores.add(Integer.parseInt(row[0]), of, 0);
        }
        List<String[]> expected = read(name + "-expected");
        for (String[] line : expected.subList(1, expected.size())) {
            assertThat(value(matrix, scores, line[0], line[1]))
                    .as("%s %s of %s", line[0], line[1], name)
                    .isCloseTo(Double.parseDouble(line[2]), within(TOLERANCE));
        }
    }

    private static double value(ConfusionMatrix matrix, ClassScores scores, String metric, String averaging) {
        Averaging how =
                switch (averaging) {
                    case "binary" -> Averaging.Binary;
                    case "micro" -> Averaging.Micro;
                    case "weighted" -> Averaging.Weighted;
                    default -> Averaging.Macro;
                };
        return switch (metric) {
            case "accuracy" -> matrix.accuracy();
            case "precision" -> matrix.precision(how, "1");
            case "recall" -> matrix.recall(how, "1");
            case "f1" -> matrix.f1(how, "1");
            case "roc_auc" -> scores.classes() == 2 ? scores.curve(1).area() : scores.areaOneVersusRest();
            case "log_loss" -> scores.logLoss();
            default -> {
                String[] count = metric.split(" ", -1);
                yield matrix.count(count[1], count[2]);
            }
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"diabetes", "diabetes-tree"})
    void onNumbers(String name) throws IOException {
        RegressionErrors errors = new RegressionErrors();
        List<String[]> rows = read(name);
        for (String[] row : rows.subList(1, rows.size())) {
            errors.add(Double.parseDouble(row[0]), Double.parseDouble(row[1]));
        }
        List<String[]> expected = read(name + "-expected");
        for (String[] line : expected.subList(1, expected.size())) {
            double value =
                    switch (line[0]) {
                        case "mae" -> errors.meanAbsoluteError();
                        case "rmse" -> errors.rootMeanSquaredError();
                        default -> errors.determination();
                    };
            assertThat(value).as("%s of %s", line[0], name).isCloseTo(Double.parseDouble(line[2]), within(TOLERANCE));
        }
    }

    private static List<String[]> read(String name) throws IOException {
        try (InputStream in = AgreesWithScikitLearnTest.class.getResourceAsStream("/golden/metrics/" + name + ".csv")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split(",", -1))
                    .toList();
        }
    }
}
