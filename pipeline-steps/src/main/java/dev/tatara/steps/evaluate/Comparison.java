package dev.tatara.steps.evaluate;

import dev.tatara.statistics.metrics.ConfusionMatrix;
import dev.tatara.steps.evaluate.Measured.AnswerDistribution;
import dev.tatara.steps.evaluate.Measured.Share;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** The answers of two models to the same rows, side by side. */
final class Comparison {
    private static final int PARTS = 10;

    /** What an empty class or range counts as in the index, so that it stays finite. */
    private static final double LEAST_SHARE = 1e-4;

    private Comparison() {}

    /**
     * Compares two models.
     *
     * @param agreement share of rows with the same answer
     */
    static AnswerDistribution of(Judged candidate, Judged other, double agreement) {
        var shares =
                switch (candidate) {
                    case JudgedClasses classes -> ofClasses(classes, (JudgedClasses) other);
                    case JudgedNumbers numbers -> ofNumbers(numbers, (JudgedNumbers) other);
                };
        return new AnswerDistribution(agreement, index(shares), shares);
    }

    private static List<Share> ofClasses(JudgedClasses candidate, JudgedClasses other) {
        var one = candidate.matrix(Judged.ALL);
        var two = other.matrix(Judged.ALL);
        var names = new TreeSet<>(one.classes());
        names.addAll(two.classes());
        double rows = one.rows();
        return names.stream()
                .sorted(ConfusionMatrix.order(names))
                .map(name -> new Share(
                        name, one.answered(name) / rows, two.answered(name) / rows, one.labelled(name) / rows))
                .toList();
    }

    /** Ten ranges that the other model's answers fill equally. */
    private static List<Share> ofNumbers(JudgedNumbers candidate, JudgedNumbers other) {
        var rows = candidate.rows();
        var sorted =
                IntStream.range(0, rows).mapToDouble(other::answered).sorted().toArray();
        var bounds = IntStream.range(1, PARTS)
                .mapToDouble(i -> sorted[(int) ((long) i * rows / PARTS)])
                .distinct()
                .toArray();
        var ours = new double[bounds.length + 1];
        var theirs = new double[bounds.length + 1];
        for (int row = 0; row < rows; row++) {
            ours[part(bounds, candidate.answered(row))] += 1.0 / rows;
            theirs[part(bounds, other.answered(row))] += 1.0 / rows;
        }
        var shares = new ArrayList<Share>();
        for (int i = 0; i < ours.length; i++) {
            var name =
                    (i == 0 ? "below " : "from " + GateJudge.shown(bounds[i - 1]) + (i < bounds.length ? " to " : ""))
                            + (i < bounds.length ? GateJudge.shown(bounds[i]) : "");
            shares.add(new Share(name, ours[i], theirs[i], null));
        }
        return shares;
    }

    private static int part(double[] bounds, double value) {
        var found = Arrays.binarySearch(bounds, value);
        return found >= 0 ? found + 1 : -found - 1;
    }

    /** Population stability index: the sum of (p − q) ln(p / q). */
    private static double index(List<Share> shares) {
        return shares.stream()
                .mapToDouble(share -> {
                    var p = Math.max(share.candidate(), LEAST_SHARE);
                    var q = Math.max(share.other(), LEAST_SHARE);
                    return (p - q) * Math.log(p / q);
                })
                .sum();
    }
}
