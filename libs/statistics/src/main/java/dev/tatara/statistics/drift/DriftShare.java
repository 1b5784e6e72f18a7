package dev.tatara.statistics.drift;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * How many columns drifted.
 *
 * @param verdict on all together
 * @param share of the judged columns that drifted, 0 to 1; NaN where none was judged
 * @param judged columns that could be judged
 * @param drifted of these
 * @param warned columns beyond the bound that is worth a warning, drifted ones included
 * @param unjudged columns with too few values or without reference
 * @param columns all of them after the correction, the worst first, equally bad ones by name
 */
public record DriftShare(
        Verdict verdict, double share, int judged, int drifted, int warned, int unjudged, List<Column> columns) {
    public DriftShare {
        columns = List.copyOf(columns);
    }

    /**
     * One column.
     *
     * @param name its name
     * @param comparison what was found
     */
    public record Column(String name, Comparison comparison) {}

    /**
     * Takes many columns together.
     *
     * @param comparisons by name of the column
     * @param correction of the verdicts by p-value; verdicts by distance stay
     * @param share of drifted columns from which on it is a breach, 0 to 1
     * @param warn share that is worth a warning, 0 to 1; {@code null} for none
     */
    public static DriftShare of(Map<String, Comparison> comparisons, Correction correction, double share, Double warn) {
        List<Column> columns = new ArrayList<>();
        comparisons.forEach((name, comparison) -> columns.add(new Column(name, comparison)));
        if (correction == Correction.BenjaminiHochberg) {
            correct(columns);
        }
        columns.sort(Comparator.comparing((Column column) -> column.comparison.drifted())
                .thenComparing(column -> column.comparison.severity())
                .reversed()
                .thenComparing(Column::name));
        int judged = count(columns, Comparison::judged);
        int drifted = count(columns, Comparison::drifted);
        double found = judged == 0 ? Double.NaN : (double) drifted / judged;
        Verdict verdict = judged == 0
                ? Verdict.InsufficientData
                : drifted > 0 && found >= share
                        ? Verdict.Breached
                        : warn != null && drifted > 0 && found >= warn ? Verdict.Warning : Verdict.Good;
        return new DriftShare(
                verdict, found, judged, drifted, count(columns, Comparison::warned), columns.size() - judged, columns);
    }

    private static int count(List<Column> columns, Predicate<Comparison> of) {
        return (int) columns.stream().map(Column::comparison).filter(of).count();
    }

    /**
     * Benjamini and Hochberg's step-up, p-values taken in units of their bounds so that columns may have bounds of their
     * own (Genovese, Roeder, Wasserman 2006); SciPy's {@code false_discovery_control} where the bounds are the same.
     */
    private static void correct(List<Column> columns) {
        List<Integer> positions = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).comparison.corrected()) {
                positions.add(i);
            }
        }
        positions.sort(Comparator.comparingDouble(i -> ratio(columns.get(i).comparison)));
        double least = Double.POSITIVE_INFINITY;
        for (int rank = positions.size(); rank > 0; rank--) {
            int position = positions.get(rank - 1);
            Column column = columns.get(position);
            least = Math.min(least, ratio(column.comparison) * positions.size() / rank);
            // 0 times infinity: a bound of 0 is met by a p-value of 0 alone.
            double bound = column.comparison.bound().value();
            double corrected = bound == 0 ? column.comparison.pValue() : Math.min(1, least * bound);
            columns.set(position, new Column(column.name, column.comparison.withPValue(corrected)));
        }
    }

    private static double ratio(Comparison comparison) {
        return comparison.pValue() == 0
                ? 0
                : comparison.pValue() / comparison.bound().value();
    }
}
