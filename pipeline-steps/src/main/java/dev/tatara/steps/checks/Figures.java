package dev.tatara.steps.checks;

import dev.tatara.contracts.FeatureSnapshot.ColumnFigures;
import dev.tatara.steps.tables.Sql;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;

/**
 * Number, mean and standard deviation of a column's values. Absent values, NaN and what is beyond 1e150, whose square
 * is no number any more, don't count.
 */
public final class Figures {
    private static final MathContext DIGITS = new MathContext(9);

    private Figures() {}

    /** The aggregates to ask for, in SQL. */
    public static List<String> aggregates(String column) {
        var value = Sql.name(column) + "::double";
        var filter = ") filter (where abs(" + value + ") < 1e150)";
        return List.of("count(" + value + filter, "avg(" + value + filter, "stddev_pop(" + value + filter);
    }

    /** The figures from the aggregates' values; absent ones are 0. */
    public static ColumnFigures of(String column, List<Double> values) {
        return new ColumnFigures(
                column,
                values.get(0) == null ? 0 : Math.round(values.get(0)),
                values.get(1) == null ? 0 : rounded(values.get(1)),
                values.get(2) == null ? 0 : rounded(values.get(2)));
    }

    /** The figures of two sets of values together (Chan, Golub and LeVeque 1979). */
    public static ColumnFigures together(ColumnFigures left, ColumnFigures right) {
        if (left.count() == 0) {
            return right;
        }
        if (right.count() == 0) {
            return left;
        }
        var count = (double) (left.count() + right.count());
        var delta = right.mean() - left.mean();
        var mean = left.mean() + delta * right.count() / count;
        var squares = left.deviation() * left.deviation() * left.count()
                + right.deviation() * right.deviation() * right.count()
                + delta * delta * left.count() * right.count() / count;
        return new ColumnFigures(
                left.name(), left.count() + right.count(), rounded(mean), rounded(Math.sqrt(squares / count)));
    }

    /** To 9 significant digits, because sums in another order differ in the last ones. */
    static double rounded(double number) {
        return Double.isFinite(number) ? new BigDecimal(number).round(DIGITS).doubleValue() : number;
    }
}
