package dev.tatara.steps.evaluate;

import dev.tatara.statistics.metrics.RegressionErrors;
import java.util.Arrays;
import java.util.function.IntPredicate;

/** Numbers that a model answered, beside what they should be. */
final class JudgedNumbers implements Judged {
    /** An answer stays the same if it moves by less than this part of the labels' standard deviation. */
    static final double SAME_WITHIN = 0.1;

    private double[] actual = new double[1024];
    private double[] answered = new double[1024];
    private int rows;

    @Override
    public int rows() {
        return rows;
    }

    double actual(int row) {
        return actual[row];
    }

    double answered(int row) {
        return answered[row];
    }

    @Override
    public void add(Batch batch, int labelColumn, Answers answers) {
        if (rows + batch.rows() > actual.length) {
            var size = Math.max(Math.multiplyExact(actual.length, 2), rows + batch.rows());
            actual = Arrays.copyOf(actual, size);
            answered = Arrays.copyOf(answered, size);
        }
        for (int row = 0; row < batch.rows(); row++) {
            actual[rows] = batch.number(labelColumn, row);
            answered[rows++] = answers.numbers()[row];
        }
    }

    private RegressionErrors errors(IntPredicate wanted) {
        var errors = new RegressionErrors();
        for (int row = 0; row < rows; row++) {
            if (wanted.test(row)) {
                errors.add(actual[row], answered[row]);
            }
        }
        return errors;
    }

    @Override
    public Figure figure(Metric metric, IntPredicate wanted) {
        var errors = errors(wanted);
        return switch (metric) {
            case MAE -> Figure.of(errors.meanAbsoluteError(), why(wanted, errors.rows()));
            case RMSE -> Figure.of(errors.rootMeanSquaredError(), why(wanted, errors.rows()));
            case R2 -> Figure.of(errors.determination(), why(wanted, errors.rows()));
            case ACCURACY, PRECISION, RECALL, F1, ROC_AUC, LOG_LOSS ->
                Figure.none(metric.word() + " is about classes, and the model answers numbers");
        };
    }

    private String why(IntPredicate wanted, long count) {
        if (count == 0) {
            return "there are no rows";
        }
        var bad = java.util.stream.IntStream.range(0, rows)
                .filter(wanted)
                .filter(row -> !Double.isFinite(answered[row]))
                .count();
        return bad > 0
                ? "%d of %d answers are NaN or infinite: look for missing values in the features and for a training that diverged"
                        .formatted(bad, count)
                : "%d rows are too few".formatted(count);
    }

    @Override
    public double agreement(Answers one, Answers other, Judged othersJudgement) {
        var within = SAME_WITHIN * errors(ALL).labelDeviation();
        var same = 0;
        for (int row = 0; row < one.rows(); row++) {
            same += Math.abs(one.numbers()[row] - other.numbers()[row]) <= within ? 1 : 0;
        }
        return (double) same / one.rows();
    }
}
