package dev.tatara.steps.materialize;

import dev.tatara.api.v1alpha1.featureview.ValueType;
import dev.tatara.steps.tables.Column;
import dev.tatara.steps.tables.ColumnType;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.TableEngine;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The table {@code source}, put together piece by piece; the pieces may differ in columns and types. Without a
 * transformation, only the rows of the interval and the columns of the view are kept; a transformation sees everything.
 */
final class SourceTables {
    private static final String NAME = "source";

    private final TableEngine engine;
    private final ViewPlan view;
    private final Interval interval;
    private final List<String> pieces = new ArrayList<>();
    private final TreeSet<String> leftOut = new TreeSet<>();
    private final LinkedHashMap<String, String> seen = new LinkedHashMap<>();

    SourceTables(TableEngine engine, ViewPlan view, Interval interval) {
        this.engine = engine;
        this.view = view;
        this.interval = interval;
    }

    TableEngine engine() {
        return engine;
    }

    /** Keeps the rows of something that can stand after {@code from}. Returns how many were kept. */
    long add(String relation) throws SQLException {
        var table = NAME + "_" + pieces.size();
        engine.execute("create table " + table + " as select " + kept(relation));
        pieces.add(table);
        return engine.number("select count(*) from " + table);
    }

    /** Whether a column of the source is to be read as text, however much its values look like numbers or times. */
    boolean isText(String sourceColumn) {
        var name = mapped(sourceColumn);
        return view.columns().stream()
                .anyMatch(column -> column.name().equalsIgnoreCase(name)
                        && (column.type() == ValueType.STRING || column.type() == ValueType.BYTES));
    }

    /** Whether the source had nothing, not even names of columns. */
    boolean isEmpty() {
        return pieces.isEmpty();
    }

    /** Makes the table {@code source} of the pieces; without any, one without rows that has the view's columns. */
    void finish() throws SQLException {
        if (isEmpty()) {
            for (var column : view.columns()) {
                seen.put(column.name(), ColumnType.sql(column.type()));
            }
            engine.execute("create view " + NAME + " as select "
                    + seen.entrySet().stream()
                            .map(column -> "null::" + column.getValue() + " as " + Sql.name(column.getKey()))
                            .collect(Collectors.joining(", "))
                    + " where false");
            return;
        }
        engine.execute("create view " + NAME + " as "
                + pieces.stream().map(piece -> "from " + piece).collect(Collectors.joining(" union all by name ")));
    }

    /** Columns of the source that the view doesn't name. */
    List<String> leftOut() {
        return List.copyOf(leftOut);
    }

    /** The columns that the source itself has, with the names that mapping gives them. */
    List<Column> seen() {
        return seen.entrySet().stream()
                .map(column -> new Column(column.getKey(), column.getValue()))
                .toList();
    }

    private String kept(String relation) throws SQLException {
        var columns = new LinkedHashMap<String, Column>();
        for (var column : Column.of(engine, "select * from " + relation)) {
            var name = mapped(column.name());
            // A column that is mapped to a name takes the place of one that has it already.
            if (!isMapped(column.name()) && isTarget(name)) {
                continue;
            }
            columns.put(name, column);
            seen.putIfAbsent(name, column.type());
        }
        if (view.source().sql() != null) {
            return selected(columns) + " from " + relation;
        }
        var needed = new LinkedHashMap<String, Column>();
        columns.forEach((name, column) -> {
            if (view.columns().stream().anyMatch(wanted -> wanted.name().equalsIgnoreCase(name))) {
                needed.put(name, column);
            } else {
                leftOut.add(name);
            }
        });
        if (needed.isEmpty()) {
            return "1 as " + Sql.name("none of the view's columns") + " from " + relation + " limit 0";
        }
        return selected(needed) + " from " + relation + condition(needed);
    }

    private static String selected(Map<String, Column> columns) {
        return columns.entrySet().stream()
                .map(entry -> Sql.name(entry.getValue().name()) + " as " + Sql.name(entry.getKey()))
                .collect(Collectors.joining(", "));
    }

    /** Without its times a piece is kept whole; that they are missing is said later, once, for all pieces. */
    private String condition(Map<String, Column> columns) {
        var times = new ArrayList<String>();
        for (var name : interval.by()) {
            columns.forEach((column, found) -> {
                if (column.equalsIgnoreCase(name)) {
                    times.add(ColumnType.fitted(Sql.name(found.name()), found.type(), ValueType.UNIX_TIMESTAMP));
                }
            });
        }
        if (times.size() < interval.by().size()) {
            return "";
        }
        var known = times.size() == 1 ? times.getFirst() : "greatest(" + String.join(", ", times) + ")";
        return " where " + interval.condition(known, times.getFirst());
    }

    private String mapped(String column) {
        return view.mapping().getOrDefault(column, column);
    }

    private boolean isMapped(String column) {
        return view.mapping().containsKey(column);
    }

    private boolean isTarget(String name) {
        var lower = name.toLowerCase(Locale.ROOT);
        return view.mapping().values().stream()
                .anyMatch(target -> target.toLowerCase(Locale.ROOT).equals(lower));
    }
}
