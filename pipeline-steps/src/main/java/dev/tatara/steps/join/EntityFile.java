package dev.tatara.steps.join;

import static java.util.stream.Collectors.joining;

import dev.tatara.api.v1alpha1.featureview.ValueType;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.join.FeatureTable.JoinKey;
import dev.tatara.steps.tables.Column;
import dev.tatara.steps.tables.ColumnType;
import dev.tatara.steps.tables.Micros;
import dev.tatara.steps.tables.QueryFailure;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.SqlWords;
import dev.tatara.steps.tables.TableEngine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A file of entity rows.
 *
 * @param path where it lies
 * @param format its format
 * @param time column with the time of a row; {@code null} where it has none
 * @param label column that must be there; {@code null}: none
 * @param keys columns that are keys of views
 * @param window only rows of so long before {@code end}, both ends inclusive; {@code null}: however old
 * @param end only rows of this time and before; {@code null}: the newest
 */
public record EntityFile(
        Path path, Format format, String time, String label, List<JoinKey> keys, Duration window, Instant end) {
    private static final String TABLE = "entities";

    /** Formats of tables. */
    public enum Format {
        Parquet,
        Csv,
        Json;

        private static final byte[] PARQUET = {'P', 'A', 'R', '1'};

        /** By the bytes where they are Parquet's, else by the name's ending; without one, by how the text begins. */
        static Format of(Path file, String name) throws IOException {
            try (var bytes = Files.newInputStream(file)) {
                var start = bytes.readNBytes(64);
                if (Arrays.equals(start, 0, Math.min(4, start.length), PARQUET, 0, 4)) {
                    return Parquet;
                }
                var lower = name.toLowerCase(Locale.ROOT).replaceFirst("\\.(gz|zst)$", "");
                if (lower.matches(".*\\.(json|ndjson|jsonl)")) {
                    return Json;
                }
                var text = new String(start, StandardCharsets.UTF_8).stripLeading();
                return !lower.endsWith(".csv") && (text.startsWith("{") || text.startsWith("[")) ? Json : Csv;
            }
        }
    }

    /**
     * Reads the rows into a table of the engine, called {@code entities}.
     *
     * @throws StepFailure where it can't be read, lacks a column or has values that don't fit
     */
    public EntityTable load(TableEngine engine) throws StepFailure, SQLException {
        List<Column> columns;
        try {
            columns = Column.of(engine, "select * from " + read());
        } catch (SQLException e) {
            throw malformed(e);
        }
        need(columns, time, "the column with the time of each row");
        need(columns, label, "the label");
        if (time != null) {
            checkTimes(engine, columns);
        }
        try {
            return load(engine, columns);
        } catch (SQLException e) {
            throw QueryFailure.aroundTheStep(e).orElseGet(() -> malformed(e));
        }
    }

    private EntityTable load(TableEngine engine, List<Column> columns) throws SQLException, StepFailure {
        var inner = new ArrayList<String>();
        var typed = new ArrayList<Column>();
        for (var i = 0; i < columns.size(); i++) {
            var column = columns.get(i);
            var isTime = column.name().equalsIgnoreCase(time);
            inner.add((isTime ? fittedTime(column) : Sql.name(column.name())) + " as " + EntityTable.inner(i));
            typed.add(isTime ? new Column(column.name(), ColumnType.sql(ValueType.UNIX_TIMESTAMP)) : column);
        }
        // The order of the rows is part of the result.
        engine.execute("set preserve_insertion_order = true");
        engine.execute("create table " + TABLE + " as select " + String.join(", ", inner) + " from " + read()
                + condition(engine, columns));
        engine.execute("set preserve_insertion_order = false");
        var rows = engine.number("select count(*) from " + TABLE);
        if (rows == 0) {
            throw StepFailure.rejected(
                    Reasons.NO_ROWS,
                    time == null || (window == null && end == null)
                            ? "the entities have no rows"
                            : "no row of the entities is within the time asked for%s; widen the window"
                                    .formatted(newest(engine, columns)));
        }
        var table = new EntityTable(TABLE, typed, time, rows, null, null);
        return time == null ? table : withTimes(engine, table);
    }

    /** When the newest row of all is from, in words. */
    private String newest(TableEngine engine, List<Column> columns) throws SQLException {
        var value = fittedTime(Column.find(columns, time).orElseThrow());
        return engine.query(
                "select count(*), max(epoch_us(" + value + ")) filter (where isfinite(" + value + ")) from " + read(),
                row -> {
                    row.next();
                    var newest = row.getObject(2, Long.class);
                    return newest == null
                            ? ": none of all %d has a time".formatted(row.getLong(1))
                            : ", the newest of all %d is of %s".formatted(row.getLong(1), Micros.instant(newest));
                });
    }

    private static EntityTable withTimes(TableEngine engine, EntityTable table) throws SQLException {
        var sql = "select min(t), max(t) from (select " + table.micros() + " as t from " + table.table() + ")";
        return engine.query(sql, row -> {
            row.next();
            return new EntityTable(
                    table.table(),
                    table.columns(),
                    table.time(),
                    table.rows(),
                    row.getObject(1, Long.class),
                    row.getObject(2, Long.class));
        });
    }

    private String condition(TableEngine engine, List<Column> columns) throws SQLException {
        if (time == null || (window == null && end == null)) {
            return "";
        }
        var value = fittedTime(Column.find(columns, time).orElseThrow());
        var to = end != null
                ? Micros.sql(end)
                : "make_timestamptz("
                        + engine.number("select coalesce(max(epoch_us(" + value + ")), 0) from " + read()
                                + " where isfinite(" + value + ")")
                        + ")";
        return " where " + value + " <= " + to
                + (window == null
                        ? ""
                        : " and " + value + " >= " + to + " - to_microseconds(" + Micros.of(window) + ")");
    }

    private static String fittedTime(Column column) {
        return ColumnType.fitted(Sql.name(column.name()), column.type(), ValueType.UNIX_TIMESTAMP);
    }

    private void checkTimes(TableEngine engine, List<Column> columns) throws StepFailure, SQLException {
        var column = Column.find(columns, time).orElseThrow();
        if (column.type().startsWith("TIMESTAMP")) {
            return;
        }
        var misfits = engine.number("select count(*) from " + read() + " where "
                + ColumnType.misfit(Sql.name(column.name()), column.type(), ValueType.UNIX_TIMESTAMP));
        if (misfits > 0) {
            throw StepFailure.rejected(
                    Reasons.VALUES_DO_NOT_FIT,
                    "column %s must hold times (2026-01-31T12:00:00Z, or seconds since 1970): %d rows of it (type %s) don't"
                            .formatted(column.name(), misfits, column.type()));
        }
    }

    private static void need(List<Column> columns, String name, String what) throws StepFailure {
        if (name != null && Column.find(columns, name).isEmpty()) {
            throw StepFailure.rejected(
                    Reasons.COLUMNS_MISSING,
                    "expected %s, %s, among the rows' columns, found: %s".formatted(name, what, Column.names(columns)));
        }
    }

    private static StepFailure malformed(SQLException e) {
        return StepFailure.rejected(
                Reasons.ENTITIES_MALFORMED, "the rows of the entities can't be read: " + SqlWords.of(e, true));
    }

    /** The function that reads the file. Keys that are texts stay texts, with the zeros that they begin with. */
    private String read() {
        var file = Sql.file(path);
        return switch (format) {
            case Parquet -> "read_parquet(" + file + ")";
            case Json -> "read_json(" + file + ", sample_size = -1)";
            case Csv -> "read_csv(" + file + ", sample_size = -1" + texts() + ")";
        };
    }

    private String texts() {
        var texts = keys.stream()
                .filter(key -> key.type() == ValueType.STRING || key.type() == ValueType.BYTES)
                .map(key -> Sql.text(key.column()) + ": 'VARCHAR'")
                .distinct()
                .collect(joining(", "));
        return texts.isEmpty() ? "" : ", types = {" + texts + "}";
    }
}
