package dev.tatara.steps.evaluate;

import dev.tatara.statistics.metrics.Averaging;
import dev.tatara.statistics.metrics.ClassScores;
import dev.tatara.statistics.metrics.ConfusionMatrix;
import dev.tatara.statistics.metrics.RocCurve;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/** Classes that a model answered, beside what they should be, with the model's scores. */
final class JudgedClasses implements Judged {
    private static final double SUM_TOLERANCE = 1e-3;
    private static final double HALF = 0.5;

    private final ClassNames names;
    private final Averaging averaging;
    private final String positiveClass;
    private final List<String> dictionary = new ArrayList<>();
    private final Map<String, Integer> codes = new HashMap<>();
    private int[] actual = new int[1024];
    private int[] answered = new int[1024];
    private double[] scores;
    private List<String> scored;
    private int width;
    private boolean distributions = true;
    private int labelled;
    private int agreeing;
    private int rows;

    /**
     * @param averaging null for what fits the number of classes
     * @param positiveClass null for what the classes suggest
     */
    JudgedClasses(ClassNames names, Averaging averaging, String positiveClass) {
        this.names = names;
        this.averaging = averaging;
        this.positiveClass = positiveClass;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public void add(Batch batch, int labelColumn, Answers answers) {
        var labels = labels(answers);
        if (rows + batch.rows() > actual.length) {
            var size = Math.max(Math.multiplyExact(actual.length, 2), rows + batch.rows());
            actual = Arrays.copyOf(actual, size);
            answered = Arrays.copyOf(answered, size);
            scores = scores == null ? null : Arrays.copyOf(scores, Math.multiplyExact(size, width));
        }
        if (scored == null) {
            scored = scored(answers);
            width = scored.size();
            scores = width == 0 ? null : new double[Math.multiplyExact(actual.length, width)];
        }
        for (int row = 0; row < batch.rows(); row++) {
            actual[rows] = code(names.ofData(batch.text(labelColumn, row)));
            answered[rows] = code(labels[row]);
            if (scores != null) {
                score(answers, row);
                if (answers.labels() != null) {
                    labelled++;
                    agreeing += scored.get(best(answers, row)).equals(labels[row]) ? 1 : 0;
                }
            }
            rows++;
        }
    }

    private int code(String name) {
        return codes.computeIfAbsent(name, any -> {
            dictionary.add(any);
            return dictionary.size() - 1;
        });
    }

    private void score(Answers answers, int row) {
        var at = rows * width;
        if (answers.width() == 1) {
            scores[at] = 1 - answers.numbers()[row];
            scores[at + 1] = answers.numbers()[row];
            return;
        }
        double sum = 0;
        for (int i = 0; i < width; i++) {
            var score = answers.numbers()[row * width + i];
            scores[at + i] = score;
            sum += score >= 0 ? score : Double.NaN;
        }
        // NaN is spoken of where it is found; only what is a number and no probability makes these no distributions.
        distributions &= Double.isNaN(scores[at]) || Math.abs(sum - 1) <= SUM_TOLERANCE;
    }

    /** The classes that a row's scores belong to; of a lone probability the two that it decides between. */
    private List<String> scored(Answers answers) {
        return switch (answers.width()) {
            case 0 -> List.of();
            case 1 -> pair();
            default -> names.ofScores(answers.classes(), answers.width());
        };
    }

    /** The other class and the positive one. */
    private List<String> pair() {
        var sorted = names.labels().stream()
                .sorted(ConfusionMatrix.order(names.labels()))
                .toList();
        var positive = positiveClass == null ? (sorted.size() == 2 ? sorted.get(1) : "1") : positiveClass;
        var other = sorted.stream()
                .filter(name -> !name.equals(positive))
                .findFirst()
                .orElse("0");
        return List.of(other, positive);
    }

    /** The class of each row. */
    String[] labels(Answers answers) {
        var labels = new String[answers.rows()];
        var classes = answers.labels() == null ? scored(answers) : List.<String>of();
        for (int row = 0; row < labels.length; row++) {
            if (answers.labels() != null) {
                labels[row] = names.ofAnswer(answers.labels()[row]);
            } else {
                var best = best(answers, row);
                labels[row] = classes.isEmpty() ? String.valueOf(best) : classes.get(best);
            }
        }
        return labels;
    }

    private static int best(Answers answers, int row) {
        if (answers.width() == 1) {
            return answers.numbers()[row] >= HALF ? 1 : 0;
        }
        var from = row * answers.width();
        int best = 0;
        for (int i = 1; i < answers.width(); i++) {
            best = answers.numbers()[from + i] > answers.numbers()[from + best] ? i : best;
        }
        return best;
    }

    ConfusionMatrix matrix(IntPredicate wanted) {
        var matrix = new ConfusionMatrix();
        for (int row = 0; row < rows; row++) {
            if (wanted.test(row)) {
                matrix.add(dictionary.get(actual[row]), dictionary.get(answered[row]));
            }
        }
        return matrix;
    }

    /** All classes of data and model. */
    Set<String> classes() {
        var all = new TreeSet<>(names.labels());
        all.addAll(dictionary);
        all.addAll(scored == null ? List.of() : scored);
        return all;
    }

    /** The classes in the order of the model's scores; empty where it gives none or the order isn't known. */
    List<String> scored() {
        return scored == null ? List.of() : scored;
    }

    Averaging averaging() {
        return averaging == null ? (classes().size() <= 2 ? Averaging.Binary : Averaging.Macro) : averaging;
    }

    /** The class that Binary metrics are about. */
    String positive() {
        return positiveClass == null ? PositiveClass.of(classes()) : positiveClass;
    }

    @Override
    public Figure figure(Metric metric, IntPredicate wanted) {
        var noRows = "there are no rows";
        return switch (metric) {
            case ACCURACY -> Figure.of(matrix(wanted).accuracy(), noRows);
            case PRECISION -> averaged(matrix(wanted), ConfusionMatrix::precision);
            case RECALL -> averaged(matrix(wanted), ConfusionMatrix::recall);
            case F1 -> averaged(matrix(wanted), ConfusionMatrix::f1);
            case ROC_AUC ->
                unscored(metric).orElseGet(() -> {
                    var some = scores(wanted);
                    return Figure.of(area(some), whyNoArea(some));
                });
            case LOG_LOSS ->
                unscored(metric)
                        .or(
                                () -> distributions
                                        ? Optional.empty()
                                        : Optional.of(
                                                Figure.none(
                                                        "the model's scores aren't probabilities that sum to 1: export it with a softmax")))
                        .orElseGet(() -> {
                            var some = scores(wanted);
                            return Figure.of(some.logLoss(), whyNoArea(some));
                        });
            case MAE, RMSE, R2 -> Figure.none(metric.word() + " is about numbers, and the model answers classes");
        };
    }

    @FunctionalInterface
    private interface Averaged {
        double of(ConfusionMatrix matrix, Averaging averaging, String positive);
    }

    private Figure averaged(ConfusionMatrix matrix, Averaged metric) {
        if (averaging() == Averaging.Binary && !classes().contains(positive())) {
            return Figure.none(
                    "the positive class %s is neither a label nor an answer; there are %s: correct spec.evaluation.positiveClass"
                            .formatted(positive(), classes()));
        }
        return Figure.of(metric.of(matrix, averaging(), positive()), "there are no rows");
    }

    /** Whether the scores belong to the classes that they are taken for: the highest one mostly to what is answered. */
    private boolean areScoresKnown() {
        return scores != null && agreeing >= labelled * HALF;
    }

    private Optional<Figure> unscored(Metric metric) {
        if (areScoresKnown()) {
            return Optional.empty();
        }
        if (scores != null) {
            return Optional.of(Figure.none(
                    "the class with the highest of the model's scores is rarely the one that it answers, if the scores belong to %s: say which class is which with --classes"
                            .formatted(scored)));
        }
        return Optional.of(
                Figure.none(
                        scored == null
                                ? "there are no rows"
                                : metric.word()
                                        + " needs the model's probabilities: export it with them, or, if it has them, say which class is which with --classes"));
    }

    private ClassScores scores(IntPredicate wanted) {
        var position = new int[dictionary.size()];
        for (int i = 0; i < position.length; i++) {
            position[i] = scored.indexOf(dictionary.get(i));
        }
        var some = new ClassScores(width);
        for (int row = 0; row < rows; row++) {
            if (wanted.test(row)) {
                some.add(position[actual[row]], scores, row * width);
            }
        }
        return some;
    }

    private double area(ClassScores some) {
        if (some.rows() == 0) {
            return Double.NaN;
        }
        var positive = scored.indexOf(positive());
        return width == 2 && positive >= 0 ? some.curve(positive).area() : some.areaOneVersusRest();
    }

    private static String whyNoArea(ClassScores some) {
        return some.rows() == 0
                ? "there are no rows"
                : "the rows are all of one class, or scores are NaN: use more rows, or look for a training that diverged";
    }

    /** Curves by class: of the positive class where there are two, else of each. */
    Map<String, RocCurve> curves() {
        var curves = new java.util.LinkedHashMap<String, RocCurve>();
        if (areScoresKnown()) {
            var some = scores(ALL);
            for (int i = 0; i < width; i++) {
                if (width != 2 || scored.get(i).equals(positive())) {
                    curves.put(scored.get(i), some.curve(i));
                }
            }
        }
        return curves;
    }

    @Override
    public double agreement(Answers one, Answers other, Judged othersJudgement) {
        var before = labels(one);
        var after = ((JudgedClasses) othersJudgement).labels(other);
        var same = 0;
        for (int row = 0; row < before.length; row++) {
            same += before[row].equals(after[row]) ? 1 : 0;
        }
        return (double) same / before.length;
    }
}
