package dev.tatara.steps.checks;

import dev.tatara.contracts.FeatureSnapshot.ColumnFigures;
import dev.tatara.steps.tables.Sql;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;

/**
 * Number, mean and standard deviation of a column's values. Absent values, NaN and what is beyond 1e150, whose square
 * is no number any more, don't count.
 *
 * <p>The same rows give the same figures in whatever order threads add them up, because sums are of whole numbers: of
 * distances from the middle between the smallest and the largest value, in units of some 2⁻⁶¹ of the range, and of their
 * squares. Sums of doubles differ in their last digits, and rounding doesn't hide that: means of decimal fractions often
 * lie on a tie.
 */
public final class Figures {
    private static final MathContext DIGITS = new MathContext(9);
    /** No distance from the middle is more than half of 2 to this in units, so that its square fits a BIGINT. */
    private static final int BITS = 30;

    private Figures() {}

    /** The smallest and the largest value that counts, in SQL: what {@link #aggregates} asks for. */
    public static List<String> bounds(String column) {
        return List.of("min(" + value(column) + ")" + counted(column), "max(" + value(column) + ")" + counted(column));
    }

    /** A bound as SQL takes it. */
    public static String literal(double bound) {
        return "'" + bound + "'::double";
    }

    /**
     * The aggregates to ask for, in SQL.
     *
     * @param low the smallest value that counts, in SQL
     * @param high the largest, in SQL
     */
    public static List<String> aggregates(String column, String low, String high) {
        var middle = "(" + low + " / 2 + " + high + " / 2)";
        var unit = "pow(2.0, " + BITS + " - ceil(log2(greatest(" + high + " - " + low + ", 1e-250))))";
        var distance = "((" + value(column) + " - " + middle + ") * " + unit + ")";
        var count = "count(" + value(column) + ")" + counted(column);
        var mean = whole(distance + " * 2147483648", column) + " / " + count + " / 2147483648 / " + unit;
        var square = whole("pow(" + distance + ", 2)", column) + " / " + count + " / " + unit + " / " + unit;
        return List.of(count, middle + " + " + mean, "sqrt(greatest(0, " + square + " - pow(" + mean + ", 2)))");
    }

    private static String value(String column) {
        return Sql.name(column) + "::double";
    }

    private static String whole(String expression, String column) {
        // A cast is tried for values too that don't count.
        return "(sum(try_cast(" + expression + " as bigint))" + counted(column) + ")::double";
    }

    private static String counted(String column) {
        return " filter (where abs(" + value(column) + ") < 1e150)";
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

    /** To 9 significant digits: more would be noise. */
    static double rounded(double number) {
        return Double.isFinite(number) ? new BigDecimal(number).round(DIGITS).doubleValue() : number;
    }
}
