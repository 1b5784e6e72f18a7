package dev.tatara.statistics.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How often which class was answered for which. Filled row by row; takes memory by the number of classes alone.
 *
 * <p>The definitions are those of scikit-learn's {@code precision_recall_fscore_support} with {@code zero_division=0}:
 * the precision of a class that was never answered is 0, and so is the recall of a class that no row has. Without any
 * row everything is NaN.
 */
public final class ConfusionMatrix {
    private final List<String> classes = new ArrayList<>();
    private final Map<String, Integer> positions = new HashMap<>();
    private long[][] counts = new long[4][4];
    private long rows;

    /**
     * Counts a row.
     *
     * @param actual its label
     * @param answered what the model said
     */
    public void add(String actual, String answered) {
        add(actual, answered, 1);
    }

    /**
     * Counts rows.
     *
     * @param actual their label
     * @param answered what the model said
     * @param count how many, 0 or more
     */
    public void add(String actual, String answered, long count) {
        int row = position(actual);
        int column = position(answered);
        counts[row][column] += count;
        rows += count;
    }

    private int position(String name) {
        Integer known = positions.get(name);
        if (known != null) {
            return known;
        }
        int position = classes.size();
        classes.add(name);
        positions.put(name, position);
        if (position == counts.length) {
            int size = position * 2;
            counts = Arrays.copyOf(counts, size);
            for (int i = 0; i < size; i++) {
                counts[i] = counts[i] == null ? new long[size] : Arrays.copyOf(counts[i], size);
            }
        }
        return position;
    }

    /** Rows that were counted. */
    public long rows() {
        return rows;
    }

    /** All classes that were a label or an answer: by number where all are whole numbers, else by text. */
    public List<String> classes() {
        return classes.stream().sorted(order(classes)).toList();
    }

    /** The order in which classes are shown: by number where all are whole numbers, else by text. */
    public static Comparator<String> order(Iterable<String> classes) {
        for (String name : classes) {
            if (!name.matches("-?\\d{1,18}")) {
                return Comparator.naturalOrder();
            }
        }
        return Comparator.comparingLong(Long::parseLong);
    }

    /** Rows whose label is the one class and whose answer is the other. */
    public long count(String actual, String answered) {
        Integer row = positions.get(actual);
        Integer column = positions.get(answered);
        return row == null || column == null ? 0 : counts[row][column];
    }

    /** Rows with this label. */
    public long labelled(String name) {
        Integer row = positions.get(name);
        return row == null ? 0 : Arrays.stream(counts[row]).sum();
    }

    /** Rows with this answer. */
    public long answered(String name) {
        Integer column = positions.get(name);
        return column == null
                ? 0
                : Arrays.stream(counts).mapToLong(row -> row[column]).sum();
    }

    /** The share of rows whose answer is their label, 0 to 1; NaN without rows. */
    public double accuracy() {
        return rows == 0 ? Double.NaN : (double) hits() / rows;
    }

    private long hits() {
        long hits = 0;
        for (int i = 0; i < classes.size(); i++) {
            hits += counts[i][i];
        }
        return hits;
    }

    /**
     * Of the answers for a class, the share that is right; 0 to 1, NaN without rows.
     *
     * @param positive the class with {@link Averaging#Binary}, else without meaning
     */
    public double precision(Averaging averaging, String positive) {
        return averaged(averaging, positive, (hits, labelled, answered) -> ratio(hits, answered));
    }

    /** Of the rows of a class, the share that was found; as {@link #precision}. */
    public double recall(Averaging averaging, String positive) {
        return averaged(averaging, positive, (hits, labelled, answered) -> ratio(hits, labelled));
    }

    /** The harmonic mean of precision and recall; as {@link #precision}. */
    public double f1(Averaging averaging, String positive) {
        return averaged(averaging, positive, (hits, labelled, answered) -> ratio(2 * hits, labelled + answered));
    }

    private static double ratio(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }

    private interface Measure {
        double of(long hits, long labelled, long answered);
    }

    private double averaged(Averaging averaging, String positive, Measure measure) {
        if (rows == 0) {
            return Double.NaN;
        }
        return switch (averaging) {
            case Binary -> measure.of(count(positive, positive), labelled(positive), answered(positive));
            case Micro -> measure.of(hits(), rows, rows);
            case Macro ->
                classes.stream().mapToDouble(name -> of(name, measure)).sum() / classes.size();
            case Weighted ->
                classes.stream()
                                .mapToDouble(name -> of(name, measure) * labelled(name))
                                .sum()
                        / rows;
        };
    }

    private double of(String name, Measure measure) {
        return measure.of(count(name, name), labelled(name), answered(name));
    }

    /** The largest difference between a class's share of answers and its share of labels; NaN without rows. */
    public double rateDeviation() {
        return rows == 0
                ? Double.NaN
                : classes.stream()
                        .mapToDouble(name -> Math.abs(answered(name) - labelled(name)) / (double) rows)
                        .max()
                        .orElse(Double.NaN);
    }
}
