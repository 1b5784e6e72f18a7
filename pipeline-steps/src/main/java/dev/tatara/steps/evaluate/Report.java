package dev.tatara.steps.evaluate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tatara.contracts.Evaluated.Input;
import dev.tatara.contracts.GateVerdict;
import dev.tatara.statistics.metrics.RocCurve;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything an evaluation found, as it stands in metrics.json.
 *
 * @param schema version of this document
 * @param namespace of the TrainingJob
 * @param trainingJob its name
 * @param model the registered model
 * @param task Classification or Regression
 * @param rows rows with a label
 * @param rowsWithoutLabel rows that were left out
 * @param modelSha256 digest of the model's file
 * @param testSha256 digest of the data's file
 * @param inputs features of the model's inputs
 * @param averaging how metrics of classes are averaged; null for numbers
 * @param positiveClass the class that Binary metrics are about; null with another averaging and for numbers
 * @param measured everything that was measured
 * @param gates whether gates hold
 * @param confusion rows by label and answer; null for numbers
 * @param roc curves by class; null for numbers
 * @param answers some labels with the model's answers; null for classes
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Report(
        String schema,
        String namespace,
        String trainingJob,
        String model,
        String task,
        long rows,
        long rowsWithoutLabel,
        String modelSha256,
        String testSha256,
        List<Input> inputs,
        String averaging,
        String positiveClass,
        Measured measured,
        List<GateVerdict> gates,
        Confusion confusion,
        Map<String, Roc> roc,
        List<Answer> answers) {
    static final String SCHEMA = "tatara.dev/evaluation/v1";

    private static final int MOST_CLASSES = 50;
    private static final int MOST_CURVES = 20;
    private static final int MOST_POINTS = 200;
    private static final int MOST_ANSWERS = 500;
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /**
     * Rows by label and answer.
     *
     * @param classes the first fifty
     * @param counts for each label the number of rows with each answer
     */
    record Confusion(List<String> classes, List<List<Long>> counts) {}

    /**
     * A curve of a class against all others.
     *
     * @param area 0 to 1
     * @param points false positives and true positives, from (0, 0) to (1, 1)
     */
    record Roc(double area, List<List<Double>> points) {}

    /**
     * A label with its answer.
     *
     * @param actual the label
     * @param answered what the model said
     */
    record Answer(double actual, double answered) {}

    static Confusion confusion(JudgedClasses judged) {
        var matrix = judged.matrix(Judged.ALL);
        var classes = matrix.classes().stream().limit(MOST_CLASSES).toList();
        return new Confusion(
                classes,
                classes.stream()
                        .map(actual -> classes.stream()
                                .map(answered -> matrix.count(actual, answered))
                                .toList())
                        .toList());
    }

    static Map<String, Roc> roc(JudgedClasses judged) {
        var curves = new LinkedHashMap<String, Roc>();
        judged.curves().entrySet().stream().limit(MOST_CURVES).forEach(entry -> {
            var area = entry.getValue().area();
            if (!Double.isNaN(area)) {
                curves.put(entry.getKey(), new Roc(area, points(entry.getValue())));
            }
        });
        return curves;
    }

    private static List<List<Double>> points(RocCurve curve) {
        return curve.points(MOST_POINTS).stream()
                .map(point -> List.of(point.falsePositives(), point.truePositives()))
                .toList();
    }

    /** Some of the rows, evenly. */
    static List<Answer> answers(JudgedNumbers judged) {
        var some = new ArrayList<Answer>();
        var step = Math.max(1, judged.rows() / MOST_ANSWERS);
        for (int row = 0; row < judged.rows() && some.size() < MOST_ANSWERS; row += step) {
            if (Double.isFinite(judged.actual(row)) && Double.isFinite(judged.answered(row))) {
                some.add(new Answer(judged.actual(row), judged.answered(row)));
            }
        }
        return some;
    }

    byte[] json() {
        return json(this);
    }

    /** Any document as JSON. */
    static byte[] json(Object document) {
        try {
            return JSON.writeValueAsString(document).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a report must be writable as JSON", e);
        }
    }
}
