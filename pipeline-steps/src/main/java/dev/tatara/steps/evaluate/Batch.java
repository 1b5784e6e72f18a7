package dev.tatara.steps.evaluate;

import dev.tatara.steps.evaluate.TestColumn.Kind;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Some rows of some columns. Rows are appended up to a size that is given; what is read stays as it is. */
final class Batch {
    private static final double MOST_EXACT = 1e15;

    private final List<TestColumn> columns;
    private final Map<String, Integer> positions;
    private final double[][] numbers;
    private final long[][] wholes;
    private final String[][] texts;
    private int rows;

    Batch(List<TestColumn> columns, int capacity) {
        this(
                columns,
                columns.stream()
                        .map(column -> new double[column.isNumeric() ? capacity : 0])
                        .toArray(double[][]::new),
                columns.stream()
                        .map(column -> new long[column.kind() == Kind.WHOLE ? capacity : 0])
                        .toArray(long[][]::new),
                columns.stream()
                        .map(column -> new String[column.isNumeric() ? 0 : capacity])
                        .toArray(String[][]::new),
                0);
    }

    private Batch(List<TestColumn> columns, double[][] numbers, long[][] wholes, String[][] texts, int rows) {
        this.columns = columns;
        this.numbers = numbers;
        this.wholes = wholes;
        this.texts = texts;
        this.rows = rows;
        positions = IntStream.range(0, columns.size())
                .boxed()
                .collect(Collectors.toMap(i -> columns.get(i).name(), i -> i));
    }

    int rows() {
        return rows;
    }

    /** How many columns there are. */
    int columns() {
        return columns.size();
    }

    int position(String column) {
        return positions.get(column);
    }

    TestColumn column(int position) {
        return columns.get(position);
    }

    /** A number, 1 and 0 for true and false, NaN where it is missing. */
    double number(int column, int row) {
        return numbers[column][row];
    }

    /** A whole number, exactly; to be asked only where {@link #number} isn't NaN. */
    long whole(int column, int row) {
        return columns.get(column).kind() == Kind.WHOLE ? wholes[column][row] : (long) Math.rint(numbers[column][row]);
    }

    /** Any value as the text that stands for it among labels and slices; null where it is missing. */
    String text(int column, int row) {
        var kind = columns.get(column).kind();
        if (kind == Kind.TEXT || kind == Kind.OTHER) {
            return texts[column][row];
        }
        var number = numbers[column][row];
        if (Double.isNaN(number)) {
            return null;
        }
        return switch (kind) {
            case WHOLE -> Long.toString(wholes[column][row]);
            case TRUTH -> number != 0 ? "true" : "false";
            default ->
                number == Math.rint(number) && Math.abs(number) < MOST_EXACT
                        ? Long.toString((long) number)
                        : Double.toString(number);
        };
    }

    /** Appends the row that an answer is at, which has these columns in this order. */
    void append(ResultSet row) throws SQLException {
        for (int i = 0; i < columns.size(); i++) {
            switch (columns.get(i).kind()) {
                case NUMBER, TRUTH -> {
                    var value = row.getDouble(i + 1);
                    numbers[i][rows] = row.wasNull() ? Double.NaN : value;
                }
                case WHOLE -> {
                    var value = row.getLong(i + 1);
                    wholes[i][rows] = value;
                    numbers[i][rows] = row.wasNull() ? Double.NaN : value;
                }
                case TEXT, OTHER -> texts[i][rows] = row.getString(i + 1);
            }
        }
        rows++;
    }

    /** Appends a row of another batch of the same columns. */
    void append(Batch other, int row) {
        for (int i = 0; i < columns.size(); i++) {
            switch (columns.get(i).kind()) {
                case NUMBER, TRUTH -> numbers[i][rows] = other.numbers[i][row];
                case WHOLE -> {
                    wholes[i][rows] = other.wholes[i][row];
                    numbers[i][rows] = other.numbers[i][row];
                }
                case TEXT, OTHER -> texts[i][rows] = other.texts[i][row];
            }
        }
        rows++;
    }

    /**
     * The same rows with normally distributed noise on their numbers.
     *
     * @param deviations standard deviation of the noise by column; 0 and NaN for none
     */
    Batch disturbed(double[] deviations, Random random) {
        var noisy = numbers.clone();
        for (int i = 0; i < noisy.length; i++) {
            if (deviations[i] > 0 && columns.get(i).kind() != Kind.TRUTH) {
                noisy[i] = numbers[i].clone();
                for (int row = 0; row < rows; row++) {
                    noisy[i][row] += random.nextGaussian() * deviations[i];
                }
            }
        }
        return new Batch(columns, noisy, wholes, texts, rows);
    }

    /** The same rows with the values of one column dealt out anew. */
    Batch permuted(int column, Random random) {
        var order = IntStream.range(0, rows).boxed().collect(Collectors.toCollection(ArrayList::new));
        java.util.Collections.shuffle(order, random);
        var moved = new Batch(columns, numbers.clone(), wholes.clone(), texts.clone(), rows);
        moved.numbers[column] = numbers[column].clone();
        moved.wholes[column] = wholes[column].clone();
        moved.texts[column] = Arrays.copyOf(texts[column], texts[column].length);
        for (int row = 0; row < rows; row++) {
            int from = order.get(row);
            switch (columns.get(column).kind()) {
                case NUMBER, TRUTH -> moved.numbers[column][row] = numbers[column][from];
                case WHOLE -> {
                    moved.numbers[column][row] = numbers[column][from];
                    moved.wholes[column][row] = wholes[column][from];
                }
                case TEXT, OTHER -> moved.texts[column][row] = texts[column][from];
            }
        }
        return moved;
    }
}
