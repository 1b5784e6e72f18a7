package dev.tatara.statistics.drift;

import dev.tatara.statistics.Sketch;
import dev.tatara.statistics.distributions.Tails;
import java.util.List;
import java.util.Map;

/**
 * Tests whether live data differ from their reference.
 *
 * <p>A distance counts as drift if it reaches its bound, and also what two samples of one distribution of these sizes
 * exceed in one of a hundred cases, although the sketches' own error is taken off it first. A p-value is computed from
 * the statistic less the sketches' error, with the true numbers of values, never with those that sketches retain.
 * Missing values and infinities are left out; {@link Quality} looks at them.
 */
public final class DriftTests {
    private DriftTests() {}

    /**
     * Compares two sketches of a column.
     *
     * @param reference {@code null} where the reference hasn't the column
     * @param current {@code null} where live data haven't the column
     * @param rule how it is judged
     */
    public static Comparison compare(Sketch reference, Sketch current, Rule rule) {
        if (reference == null) {
            return Untested.of(false, Note.New, "the reference hasn't this column");
        }
        if (current == null) {
            return Untested.of(true, Note.Vanished, "live data haven't this column");
        }
        return compare(Side.of(reference), Side.of(current), rule);
    }

    /**
     * Compares two samples of numbers.
     *
     * @param reference in any order; NaN counts as missing, infinities are left out; stays as it is
     * @param current likewise
     * @param rule how it is judged
     */
    public static Comparison compare(double[] reference, double[] current, Rule rule) {
        return compare(Side.of(reference), Side.of(current), rule);
    }

    /**
     * Compares two samples of numbers by several rules; the samples are sorted once.
     *
     * @param reference in any order; NaN counts as missing, infinities are left out; stays as it is
     * @param current likewise
     * @param rules how it is judged
     * @return a comparison for each rule, in the rules' order
     */
    public static List<Comparison> compare(double[] reference, double[] current, List<Rule> rules) {
        Side one = Side.of(reference);
        Side other = Side.of(current);
        return rules.stream().map(rule -> compare(one, other, rule)).toList();
    }

    /**
     * Compares two samples of categories.
     *
     * @param reference how often each was seen, 0 or more
     * @param current likewise
     * @param rule how it is judged
     */
    public static Comparison compare(Map<String, Long> reference, Map<String, Long> current, Rule rule) {
        return compare(Side.of(reference), Side.of(current), rule);
    }

    private static Comparison compare(Side reference, Side current, Rule rule) {
        return Untested.of(reference, current, rule).orElseGet(() -> {
            boolean fits = Choice.fits(rule.method(), reference, current);
            Bound bound = fits || rule.method() == Method.Auto ? rule.bound() : null;
            Unit unit =
                    rule.bound() == null ? unit(rule.method()) : rule.bound().unit();
            Method method = fits ? rule.method() : Choice.automatic(reference, current, unit);
            Rule applied = new Rule(
                    method,
                    bound == null ? method.defaultBound() : bound,
                    fits || rule.method() == Method.Auto ? rule.warn() : null,
                    rule.minSamples());
            Comparison found =
                    switch (reference) {
                        case Side.Numbers numbers -> ofNumbers(numbers, (Side.Numbers) current, applied);
                        case Side.Categories categories ->
                            ofTable(Table.ofCategories(categories, (Side.Categories) current), applied);
                    };
            return Remarks.on(found, rule.method(), reference, current);
        });
    }

    /** The unit of a method that turns out not to fit; {@code null} for Auto, which is free. */
    private static Unit unit(Method method) {
        return method == Method.Auto ? null : method.defaultBound().unit();
    }

    private static Comparison ofNumbers(Side.Numbers exactReference, Side.Numbers exactCurrent, Rule rule) {
        boolean floats =
                exactReference.steps().isOfFloats() || exactCurrent.steps().isOfFloats();
        Side.Numbers reference = floats ? exactReference.asFloats() : exactReference;
        Side.Numbers current = floats ? exactCurrent.asFloats() : exactCurrent;
        return switch (rule.method()) {
            case KolmogorovSmirnov -> smirnov(reference, current, rule);
            case Wasserstein -> wasserstein(reference, current, rule);
            case ChiSquare, ChiSquareFit, ZTest -> ofTable(Table.ofValues(reference.steps(), current.steps()), rule);
            case Auto, PSI, JensenShannon, KullbackLeibler -> {
                Table table = Table.of(reference, current);
                yield reference.steps().isExact() && current.steps().isExact()
                        ? ofTable(table, rule)
                        : ofSketches(table, reference, current, rule);
            }
        };
    }

    /** What holds of a distance that is off by no more than the sketches let it be. */
    private static Comparison ofSketches(Table fine, Side.Numbers reference, Side.Numbers current, Rule rule) {
        Table table = fine.withoutThin(SketchError.LEAST_SHARE);
        Method method = rule.method();
        double off = SketchError.of(
                method, table, reference.steps().rankError(), current.steps().rankError());
        double distance = Divergence.of(method, table);
        double least = method == Method.JensenShannon
                ? Math.sqrt(Math.max(0, distance * distance - off))
                : Math.max(0, distance - off);
        return Judge.byDistance(
                rule, distance, distance - least, least, Divergence.noise(method, table, Judge.CHANCE), Double.NaN);
    }

    private static Comparison smirnov(Side.Numbers reference, Side.Numbers current, Rule rule) {
        long n = reference.values();
        long m = current.values();
        double error = reference.steps().rankError() + current.steps().rankError();
        double distance = Smirnov.distance(reference.steps(), current.steps());
        double least = Math.max(0, distance - error);
        double spread = Math.sqrt(1.0 / n + 1.0 / m);
        double pValue = Smirnov.pValue(least, n, m, error == 0);
        return rule.bound().unit() == Unit.PValue
                ? Judge.byPValue(
                        rule,
                        distance,
                        error,
                        pValue,
                        Kolmogorov.limitAbove(rule.bound().value()) * spread)
                : Judge.byDistance(rule, distance, error, least, Kolmogorov.limitAbove(Judge.CHANCE) * spread, pValue);
    }

    private static Comparison wasserstein(Side.Numbers reference, Side.Numbers current, Rule rule) {
        Transport transport = new Transport(reference, current);
        double distance = transport.distance();
        return Judge.byDistance(
                rule,
                distance,
                transport.error(),
                transport.least(distance),
                transport.noise(Judge.CHANCE),
                Double.NaN);
    }

    /** By a table that is exact, or knows how far off each cell is. */
    private static Comparison ofTable(Table table, Rule rule) {
        return switch (rule.method()) {
            case ChiSquare -> {
                Table grouped = table.withoutRare(ChiSquares.LEAST_EXPECTED, ChiSquares.LEAST_TOGETHER);
                int degrees = grouped.cells() - 1;
                double statistic = ChiSquares.ofSamples(grouped);
                double least = ChiSquares.ofSamples(grouped.nearest());
                yield chiSquare(rule, statistic, least, degrees);
            }
            case ChiSquareFit -> {
                double statistic = ChiSquares.ofFit(table);
                yield chiSquare(rule, statistic, statistic, table.cells() - 1);
            }
            case ZTest -> {
                double z = ChiSquares.z(table);
                yield Judge.byPValue(
                        rule,
                        z,
                        0,
                        Math.min(1, 2 * Tails.normal(Math.abs(z))),
                        Tails.normalAbove(rule.bound().value() / 2));
            }
            case PSI, JensenShannon, KullbackLeibler -> {
                double distance = Divergence.of(rule.method(), table);
                double least = Math.min(distance, Divergence.of(rule.method(), table.nearest()));
                yield Judge.byDistance(
                        rule,
                        distance,
                        distance - least,
                        least,
                        Divergence.noise(rule.method(), table, Judge.CHANCE),
                        Double.NaN);
            }
            case Auto, KolmogorovSmirnov, Wasserstein ->
                throw new IllegalArgumentException("expected a method for shares, found: " + rule.method());
        };
    }

    private static Comparison chiSquare(Rule rule, double statistic, double least, int degrees) {
        return degrees == 0
                ? Judge.byPValue(rule, 0, 0, 1, Double.POSITIVE_INFINITY)
                : Judge.byPValue(
                        rule,
                        statistic,
                        statistic == least ? 0 : statistic - least,
                        Tails.chiSquare(least, degrees),
                        Tails.chiSquareAbove(rule.bound().value(), degrees));
    }
}
