package dev.tatara.steps.join;

import dev.tatara.steps.tables.Column;
import dev.tatara.steps.tables.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The rows that features are joined to: a table of the engine, in whose order the rows stay. Its columns are called
 * {@code c0}, {@code c1} … there, so that no name of theirs can mean something else in a statement.
 *
 * @param table its name
 * @param columns its columns in their order, by the names that they had
 * @param time column with the time at which features are looked up, a TIMESTAMP WITH TIME ZONE; {@code null} where
 *     there is none, and then there is nothing to join
 * @param rows number of rows
 * @param minMicros the oldest time, microseconds since 1970; {@code null} where no row has one
 * @param maxMicros the newest time; {@code null} where no row has one
 */
public record EntityTable(String table, List<Column> columns, String time, long rows, Long minMicros, Long maxMicros) {
    public EntityTable {
        Objects.requireNonNull(table, "table");
        columns = List.copyOf(columns);
    }

    /** A column as statements name it. */
    public String column(String name) {
        for (var i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equalsIgnoreCase(name)) {
                return inner(i);
            }
        }
        throw new IllegalArgumentException("no column " + name + " among " + columns);
    }

    /** The type of a column as DuckDB calls it. */
    public String type(String name) {
        return Column.find(columns, name)
                .orElseThrow(() -> new IllegalArgumentException("no column " + name + " among " + columns))
                .type();
    }

    /** Microseconds since 1970 of a row's time, NULL where it has none. */
    String micros() {
        var inner = column(time);
        return "case when isfinite(" + inner + ") then epoch_us(" + inner + ") end";
    }

    /** The rows under the names that their columns had, as something that can stand after {@code from}. */
    public String named() {
        var named = new ArrayList<String>();
        for (var i = 0; i < columns.size(); i++) {
            named.add(inner(i) + " as " + Sql.name(columns.get(i).name()));
        }
        return "(select " + String.join(", ", named) + " from " + table + ")";
    }

    static String inner(int index) {
        return "c" + index;
    }
}
