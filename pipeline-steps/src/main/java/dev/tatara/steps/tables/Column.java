package dev.tatara.steps.tables;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A column that is there.
 *
 * @param name its name
 * @param type its type as DuckDB describes it
 */
public record Column(String name, String type) {
    private static final int MOST_NAMED = 20;

    /** The columns of a query's answer. */
    public static List<Column> of(TableEngine engine, String query) throws SQLException {
        return engine.query("describe " + query, rows -> {
            var columns = new ArrayList<Column>();
            while (rows.next()) {
                columns.add(new Column(rows.getString(1), rows.getString(2)));
            }
            return List.copyOf(columns);
        });
    }

    /** The column of a name, whose case doesn't matter to DuckDB either. */
    public static Optional<Column> find(List<Column> columns, String name) {
        return columns.stream()
                .filter(column -> column.name().equalsIgnoreCase(name))
                .findFirst();
    }

    /** Names of columns for messages, of very many the first. */
    public static String names(List<Column> columns) {
        return columns.stream().limit(MOST_NAMED).map(Column::name).collect(Collectors.joining(", "))
                + (columns.size() > MOST_NAMED ? " and " + (columns.size() - MOST_NAMED) + " more" : "");
    }
}
