package dev.tatara.steps.evaluate;

import dev.tatara.contracts.Evaluated.Input;
import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.ValueInfo;
import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.Pane.Origin;
import dev.tatara.statistics.Pane.Role;
import dev.tatara.statistics.PaneFormat;
import dev.tatara.statistics.Sketch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The baseline: sketches of what a model was given and what it answered, under the names that serving pods use. Written
 * as JSON for people, with the same sketches as a pane for whoever compares live panes with them: docs/reference/steps.md
 * has the format.
 */
final class Profile {
    static final String SCHEMA = "tatara.dev/profile/v1";

    private static final double SUM_TOLERANCE = 1e-3;
    private static final int MOST_VALUES = 50;
    private static final double[] RANKS = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99};

    private final List<Fed> features = new ArrayList<>();
    private final Map<String, Sketch> predictions = new LinkedHashMap<>();
    private final AnswerReader reader;
    private final List<String> classes;
    private long rows;

    private record Fed(TestColumn column, Datatype datatype, Sketch sketch) {}

    /**
     * @param classes names of the classes in the order of the model's probabilities, where these were given
     */
    Profile(List<ValueInfo> inputs, InputColumns columns, AnswerReader reader, List<String> classes) {
        this.reader = reader;
        this.classes = classes;
        for (int i = 0; i < inputs.size(); i++) {
            var datatype = inputs.get(i).datatype();
            columns.inputs()
                    .get(i)
                    .forEach(column -> features.add(
                            new Fed(column, datatype, column.isText() ? new CategorySketch() : new NumberSketch())));
        }
    }

    void add(Batch batch, Answers answers) {
        for (var feature : features) {
            var position = batch.position(feature.column.name());
            for (int row = 0; row < batch.rows(); row++) {
                switch (feature.sketch) {
                    case NumberSketch numbers -> numbers.update(asFed(batch.number(position, row), feature.datatype));
                    case CategorySketch categories -> categories.update(batch.text(position, row));
                }
            }
        }
        if (answers.labels() != null) {
            var labels =
                    (CategorySketch) predictions.computeIfAbsent(reader.labelOutput(), any -> new CategorySketch());
            for (var label : answers.labels()) {
                labels.update(label);
            }
        }
        for (int i = 0; i < answers.width(); i++) {
            var numbers = (NumberSketch) predictions.computeIfAbsent(name(answers, i), any -> new NumberSketch());
            for (int row = 0; row < answers.rows(); row++) {
                numbers.update(answers.numbers()[row * answers.width() + i]);
            }
        }
        if (answers.labels() == null && answers.width() > 1) {
            mostProbable(answers);
        }
        rows += batch.rows();
    }

    /** A number as the model gets it, which is as a pod sees it. */
    private static double asFed(double number, Datatype datatype) {
        return switch (datatype) {
            case FP32 -> (float) number;
            case FP16 -> Float.float16ToFloat(Float.floatToFloat16((float) number));
            default -> number;
        };
    }

    private String name(Answers answers, int position) {
        var output = reader.numberOutput();
        if (answers.width() == 1) {
            return output;
        }
        var names = answers.classes().size() == answers.width()
                ? answers.classes()
                : classes.size() == answers.width() ? classes : List.<String>of();
        return output + "[" + (names.isEmpty() ? String.valueOf(position) : names.get(position)) + "]";
    }

    /** Where there is no label, a pod counts the most probable class by its position. */
    private void mostProbable(Answers answers) {
        for (int row = 0; row < answers.rows(); row++) {
            double sum = 0;
            int best = 0;
            for (int i = 0; i < answers.width(); i++) {
                var value = answers.numbers()[row * answers.width() + i];
                sum += value >= 0 ? value : Double.NaN;
                best = value > answers.numbers()[row * answers.width() + best] ? i : best;
            }
            if (Math.abs(sum - 1) <= SUM_TOLERANCE) {
                ((CategorySketch) predictions.computeIfAbsent(
                                reader.numberOutput() + ".class", any -> new CategorySketch()))
                        .update(best);
            }
        }
    }

    Pane pane(String namespace, String model) {
        var columns = new ArrayList<Pane.Column>();
        features.forEach(feature -> columns.add(new Pane.Column(Role.Feature, feature.column.name(), feature.sketch)));
        predictions.forEach((name, sketch) -> columns.add(new Pane.Column(Role.Prediction, name, sketch)));
        // Data has no hour of its own, and the same data gives the same profile.
        return new Pane(
                new Origin(namespace, "", "", model, "", "", "", 0),
                Instant.EPOCH,
                Instant.EPOCH,
                1,
                rows,
                rows,
                columns);
    }

    /**
     * The whole document.
     *
     * @param about who and what it is about, by field
     * @param inputs features of the model's inputs
     */
    Map<String, Object> document(Map<String, Object> about, List<Input> inputs, Pane pane) {
        var document = new LinkedHashMap<String, Object>();
        document.put("schema", SCHEMA);
        document.putAll(about);
        document.put("rows", rows);
        document.put("inputs", inputs);
        document.put("columns", pane.columns().stream().map(Profile::shown).toList());
        document.put("pane", Base64.getEncoder().encodeToString(PaneFormat.write(pane)));
        return document;
    }

    private static Map<String, Object> shown(Pane.Column column) {
        var shown = new LinkedHashMap<String, Object>();
        shown.put("role", column.role().name());
        shown.put("name", column.name());
        shown.put("kind", column.sketch() instanceof NumberSketch ? "numbers" : "categories");
        shown.put("count", column.sketch().count());
        shown.put("missing", column.sketch().missing());
        switch (column.sketch()) {
            case NumberSketch numbers -> {
                shown.put("infinities", numbers.positiveInfinities() + numbers.negativeInfinities());
                put(shown, "min", numbers.min());
                put(shown, "max", numbers.max());
                put(shown, "mean", numbers.mean());
                put(shown, "standardDeviation", numbers.standardDeviation());
                if (numbers.finite() > 0) {
                    var quantiles = new LinkedHashMap<String, Double>();
                    for (var rank : RANKS) {
                        quantiles.put(String.valueOf(rank), numbers.quantile(rank));
                    }
                    shown.put("quantiles", quantiles);
                }
                numbers.distinct().ifPresent(values -> {
                    var counts = new ArrayList<Map<String, Object>>();
                    values.forEach((value, count) -> counts.add(pair(value, count)));
                    shown.put("values", counts);
                });
            }
            case CategorySketch categories -> {
                shown.put("distinct", Math.round(categories.distinct()));
                shown.put("exact", categories.isExact());
                shown.put(
                        "top",
                        categories.top(MOST_VALUES).stream()
                                .map(frequency -> pair(frequency.value(), frequency.lowerBound()))
                                .toList());
            }
        }
        return shown;
    }

    private static Map<String, Object> pair(Object value, long count) {
        var pair = new LinkedHashMap<String, Object>();
        pair.put("value", value);
        pair.put("count", count);
        return pair;
    }

    private static void put(Map<String, Object> shown, String name, double value) {
        if (Double.isFinite(value)) {
            shown.put(name, value);
        }
    }
}
