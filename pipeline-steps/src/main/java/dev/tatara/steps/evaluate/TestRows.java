package dev.tatara.steps.evaluate;

import dev.tatara.steps.StepFailure;
import dev.tatara.steps.tables.Column;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.TableEngine;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The test data: a Parquet file that is read in batches and asked in SQL, in the file's order. */
final class TestRows implements AutoCloseable {
    private static final long MEMORY_BYTES = 512L << 20;

    private final TableEngine engine;
    private final List<TestColumn> columns;
    private final String file;
    private long rows;

    private TestRows(TableEngine engine, String file, List<TestColumn> columns, long rows) {
        this.engine = engine;
        this.file = file;
        this.columns = columns;
        this.rows = rows;
    }

    /** Takes each batch in turn; the batch is its own. */
    @FunctionalInterface
    interface Reader {
        void read(Batch batch) throws StepFailure;
    }

    static TestRows open(Path file, Path spill) throws StepFailure {
        TableEngine engine = null;
        try {
            // One thread, so that rows come in the file's order and the same data gives the same figures.
            engine = TableEngine.open(spill, MEMORY_BYTES, 1);
            var table = "read_parquet(" + Sql.file(file) + ")";
            engine.execute("create view test as from " + table);
            var columns = Column.of(engine, "test").stream().map(TestColumn::of).toList();
            return new TestRows(engine, table, columns, engine.number("select count(*) from test"));
        } catch (SQLException e) {
            var failure = StepFailure.rejected(
                    Reasons.UNREADABLE_DATA, "expected a Parquet file as test data; " + firstLine(e));
            if (engine != null) {
                try {
                    engine.close();
                } catch (SQLException f) {
                    failure.addSuppressed(f);
                }
            }
            throw failure;
        }
    }

    /**
     * Leaves out rows in which a column is missing.
     *
     * @return how many
     */
    long leaveOutWithout(TestColumn column) throws StepFailure {
        var name = Sql.name(column.name());
        var present = column.kind() == TestColumn.Kind.NUMBER
                ? name + " is not null and not isnan(" + name + "::double)"
                : name + " is not null";
        try {
            engine.execute("create or replace view test as from " + file + " where " + present);
            var before = rows;
            rows = engine.number("select count(*) from test");
            return before - rows;
        } catch (SQLException e) {
            throw StepFailure.rejected(Reasons.UNREADABLE_DATA, "the test data can't be read: " + firstLine(e));
        }
    }

    private static String firstLine(SQLException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    List<TestColumn> columns() {
        return columns;
    }

    long rows() {
        return rows;
    }

    Optional<TestColumn> column(String name) {
        return columns.stream().filter(column -> column.name().equals(name)).findFirst();
    }

    /** Names of all columns, for messages. */
    String names() {
        return columns.stream().map(TestColumn::name).limit(50).collect(Collectors.joining(", "))
                + (columns.size() > 50 ? ", …" : "");
    }

    /** Different values of a column that aren't missing, as texts, {@code most} at most. */
    List<String> distinct(TestColumn column, int most) throws StepFailure {
        var batch = new Batch(List.of(column), most);
        ask(
                "select distinct " + column.selected() + " from test where " + Sql.name(column.name())
                        + " is not null limit " + most,
                answer -> {
                    while (answer.next()) {
                        batch.append(answer);
                    }
                    return null;
                });
        var texts = new ArrayList<String>();
        for (int row = 0; row < batch.rows(); row++) {
            var text = batch.text(0, row);
            if (text != null) {
                texts.add(text);
            }
        }
        return texts.stream().distinct().toList();
    }

    /** Numbers in the only row of an answer; NaN where there is none. */
    double[] numbers(String sql) throws StepFailure {
        return ask(sql, answer -> {
            answer.next();
            var numbers = new double[answer.getMetaData().getColumnCount()];
            for (int i = 0; i < numbers.length; i++) {
                var number = answer.getDouble(i + 1);
                numbers[i] = answer.wasNull() ? Double.NaN : number;
            }
            return numbers;
        });
    }

    /** Standard deviation of a column's finite numbers, n − 1 in the denominator; 0 where there are fewer than two. */
    double deviation(TestColumn column) throws StepFailure {
        var number = column.selected() + "::double";
        var deviation = numbers("select stddev_samp(" + number + ") from test where isfinite(" + number + ")")[0];
        return Double.isFinite(deviation) ? deviation : 0;
    }

    /** Reads rows of these columns in the file's order. */
    void forEach(List<TestColumn> wanted, int batchRows, Reader reader) throws StepFailure {
        var selected = wanted.stream().map(TestColumn::selected).collect(Collectors.joining(", "));
        var failure = ask("select " + selected + " from test", answer -> {
            var batch = new Batch(wanted, batchRows);
            try {
                while (answer.next()) {
                    batch.append(answer);
                    if (batch.rows() == batchRows) {
                        reader.read(batch);
                        batch = new Batch(wanted, batchRows);
                    }
                }
                if (batch.rows() > 0) {
                    reader.read(batch);
                }
                return null;
            } catch (StepFailure e) {
                return e;
            }
        });
        if (failure != null) {
            throw failure;
        }
    }

    private <T> T ask(String sql, TableEngine.Reader<T> reader) throws StepFailure {
        try {
            return engine.query(sql, reader);
        } catch (SQLException e) {
            throw StepFailure.rejected(Reasons.UNREADABLE_DATA, "the test data can't be read: " + firstLine(e));
        }
    }

    @Override
    public void close() throws StepFailure {
        try {
            engine.close();
        } catch (SQLException e) {
            throw StepFailure.ofWorkspace(e);
        }
    }
}
