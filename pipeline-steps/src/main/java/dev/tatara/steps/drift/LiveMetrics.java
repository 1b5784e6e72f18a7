package dev.tatara.steps.drift;

import dev.tatara.api.v1alpha1.modelversion.Task;
import dev.tatara.statistics.metrics.Averaging;
import dev.tatara.statistics.metrics.ConfusionMatrix;
import dev.tatara.statistics.metrics.LogLoss;
import dev.tatara.statistics.metrics.RegressionErrors;
import dev.tatara.statistics.metrics.RocCurve;
import dev.tatara.steps.evaluate.Figure;
import dev.tatara.steps.evaluate.Metric;
import dev.tatara.steps.evaluate.PositiveClass;
import dev.tatara.steps.feedback.LabelledPredictions.Joined;
import dev.tatara.steps.tables.TableEngine;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Metrics of predictions with labels, as {@code evaluate} defines them, from what the ledger keeps: the predicted class
 * or number, and the highest probability.
 */
final class LiveMetrics {
    private static final int MOST_PAIRS = 100_000;
    private static final double HALF = 0.5;

    private final TableEngine engine;
    private final Joined joined;
    private final List<String> names;

    /**
     * @param names of the classes in the order of the model's probabilities; may be empty
     */
    LiveMetrics(TableEngine engine, Joined joined, List<String> names) {
        this.engine = engine;
        this.joined = joined;
        this.names = names;
    }

    /**
     * A metric's value.
     *
     * @param figure the value, or why there is none
     * @param note what else there is to say; {@code null} for nothing
     */
    record Measured(Figure figure, String note) {}

    Measured measure(Metric metric) throws SQLException {
        return metric.task() == Task.Classification ? ofClasses(metric) : ofNumbers(metric);
    }

    private Measured ofNumbers(Metric metric) throws SQLException {
        var errors = new RegressionErrors();
        var unusable = engine.query(
                "select try_cast(label as double), try_cast(prediction as double) from " + joined.table(), rows -> {
                    long others = 0;
                    while (rows.next()) {
                        var label = rows.getDouble(1);
                        var isNull = rows.wasNull();
                        var prediction = rows.getDouble(2);
                        if (isNull || rows.wasNull() || !Double.isFinite(label)) {
                            others++;
                        } else {
                            errors.add(label, prediction);
                        }
                    }
                    return others;
                });
        var note = unusable == 0
                ? null
                : unusable + " of " + joined.rows() + " labels or predictions aren't numbers and were left out";
        var value =
                switch (metric) {
                    case MAE -> errors.meanAbsoluteError();
                    case RMSE -> errors.rootMeanSquaredError();
                    case R2 -> errors.determination();
                    case ACCURACY, PRECISION, RECALL, F1, ROC_AUC, LOG_LOSS ->
                        throw new IllegalArgumentException("not about numbers: " + metric);
                };
        return new Measured(
                Figure.of(value, note == null ? "some predictions are NaN or infinite, or rows are too few" : note),
                note);
    }

    /** A label with a prediction and how often. */
    private record Pair(String label, String prediction, String raw, long count) {}

    private Measured ofClasses(Metric metric) throws SQLException {
        var alone = areAloneProbabilities();
        var pairs = pairs(alone);
        if (pairs.size() > MOST_PAIRS) {
            return new Measured(
                    Figure.none("labels and predictions have more than %d different pairs: is it a regression?"
                            .formatted(MOST_PAIRS)),
                    null);
        }
        var known = new LiveClasses(names);
        pairs.forEach(pair -> known.add(pair.label, pair.prediction, pair.raw));
        var matrix = new ConfusionMatrix();
        var answered = new HashSet<String>(names);
        for (var pair : pairs) {
            answered.add(known.ofPrediction(pair.prediction));
            matrix.add(known.ofLabel(pair.label), known.ofPrediction(pair.prediction), pair.count);
        }
        Set<String> classes = new TreeSet<>(matrix.classes());
        classes.addAll(names);
        var strange = pairs.stream()
                .filter(pair -> !answered.contains(known.ofLabel(pair.label)))
                .mapToLong(Pair::count)
                .sum();
        var note = strange == 0 || names.isEmpty()
                ? null
                : "%d of %d labels are none of the model's classes".formatted(strange, joined.rows());
        return new Measured(figure(metric, matrix, classes, alone, known), note);
    }

    /** A model with one output that is the probability of the positive class. */
    private boolean areAloneProbabilities() throws SQLException {
        return joined.rows() > 0
                && engine.number("select count(*) from " + joined.table()
                                + " where not coalesce(contains(prediction, '.') and try_cast(prediction as double) = score"
                                + " and score between 0 and 1, false)")
                        == 0;
    }

    private List<Pair> pairs(boolean alone) throws SQLException {
        var answer = alone ? "case when score >= " + HALF + " then '1' else '0' end" : "coalesce(prediction, '')";
        var raw = alone ? answer : "coalesce(raw, '')";
        return engine.query(
                "select label, " + answer + ", " + raw + ", count(*) from " + joined.table()
                        + " group by all order by all limit " + (MOST_PAIRS + 1),
                rows -> {
                    var pairs = new ArrayList<Pair>();
                    while (rows.next()) {
                        pairs.add(new Pair(rows.getString(1), rows.getString(2), rows.getString(3), rows.getLong(4)));
                    }
                    return pairs;
                });
    }

    private Figure figure(Metric metric, ConfusionMatrix matrix, Set<String> classes, boolean alone, LiveClasses known)
            throws SQLException {
        var averaging = classes.size() <= 2 ? Averaging.Binary : Averaging.Macro;
        // Of two named classes the second is what 1 means.
        var positive = names.size() == 2 ? names.get(1) : PositiveClass.of(classes);
        var noRows = "there are no rows";
        return switch (metric) {
            case ACCURACY -> Figure.of(matrix.accuracy(), noRows);
            case PRECISION -> Figure.of(matrix.precision(averaging, positive), noRows);
            case RECALL -> Figure.of(matrix.recall(averaging, positive), noRows);
            case F1 -> Figure.of(matrix.f1(averaging, positive), noRows);
            case ROC_AUC, LOG_LOSS ->
                classes.size() > 2
                        ? Figure.none(
                                metric.word() + " needs the probabilities of all classes, and the ledger keeps the"
                                        + " highest alone: choose another metric, such as f1")
                        : ofScores(metric, positive, alone, known);
            case MAE, RMSE, R2 -> throw new IllegalArgumentException("not about classes: " + metric);
        };
    }

    /** Of two classes the highest probability tells both. */
    private Figure ofScores(Metric metric, String positive, boolean alone, LiveClasses known) throws SQLException {
        var loss = new LogLoss();
        var scores = new Scores();
        engine.query("select label, prediction, score from " + joined.table(), rows -> {
            while (rows.next()) {
                var isPositive = known.ofLabel(rows.getString(1)).equals(positive);
                var score = rows.getDouble(3);
                score = rows.wasNull() ? Double.NaN : score;
                var prediction = rows.getString(2);
                var probability = alone
                                || known.ofPrediction(prediction == null ? "" : prediction)
                                        .equals(positive)
                        ? score
                        : 1 - score;
                scores.add(isPositive, probability);
                loss.add(isPositive ? probability : 1 - probability);
            }
            return null;
        });
        var why = "labels are all of one class, or clients asked for no probabilities";
        return metric == Metric.LOG_LOSS
                ? Figure.of(loss.mean(), why)
                : Figure.of(RocCurve.of(scores.positives(), scores.negatives()).area(), why);
    }

    private static final class Scores {
        private double[] positives = new double[1024];
        private double[] negatives = new double[1024];
        private int positiveCount;
        private int negativeCount;

        void add(boolean isPositive, double score) {
            if (isPositive) {
                positives = room(positives, positiveCount);
                positives[positiveCount++] = score;
            } else {
                negatives = room(negatives, negativeCount);
                negatives[negativeCount++] = score;
            }
        }

        private static double[] room(double[] values, int used) {
            return used < values.length ? values : java.util.Arrays.copyOf(values, used * 2);
        }

        double[] positives() {
            return java.util.Arrays.copyOf(positives, positiveCount);
        }

        double[] negatives() {
            return java.util.Arrays.copyOf(negatives, negativeCount);
        }
    }
}
