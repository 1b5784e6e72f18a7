package dev.tatara.steps.training;

import dev.tatara.steps.join.EntityTable;
import dev.tatara.steps.tables.ColumnType;
import dev.tatara.steps.tables.TableEngine;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a report tells of a column. Values are told of numbers and times alone: texts may be about people.
 *
 * @param name its name
 * @param type its type as DuckDB calls it
 * @param absent rows without a value
 * @param distinct different values, about
 * @param least the least number or time; empty for others
 * @param mean the mean of numbers; empty for others
 * @param most the greatest number or time; empty for others
 */
record ColumnFigures(String name, String type, long absent, long distinct, String least, String mean, String most) {
    private static final int MOST_COLUMNS = 200;

    /** The figures of the first columns. */
    static List<ColumnFigures> of(TableEngine engine, EntityTable table) throws SQLException {
        var columns = table.columns()
                .subList(0, Math.min(MOST_COLUMNS, table.columns().size()));
        var expressions = new ArrayList<String>();
        for (var column : columns) {
            var inner = table.column(column.name());
            var isNumber = ColumnType.isNumber(column.type());
            var hasOrder = isNumber
                    || column.type().startsWith("TIMESTAMP")
                    || column.type().equals("DATE");
            expressions.add("count(*) - count(" + inner + ")");
            expressions.add("approx_count_distinct(" + inner + ")");
            expressions.add(hasOrder ? "min(" + inner + ")::varchar" : "''");
            expressions.add(isNumber ? "avg(" + inner + "::double)::varchar" : "''");
            expressions.add(hasOrder ? "max(" + inner + ")::varchar" : "''");
        }
        return engine.query("select " + String.join(", ", expressions) + " from " + table.table(), row -> {
            row.next();
            var figures = new ArrayList<ColumnFigures>();
            for (var i = 0; i < columns.size(); i++) {
                var at = i * 5;
                figures.add(new ColumnFigures(
                        columns.get(i).name(),
                        columns.get(i).type(),
                        row.getLong(at + 1),
                        row.getLong(at + 2),
                        text(row.getString(at + 3)),
                        text(row.getString(at + 4)),
                        text(row.getString(at + 5))));
            }
            return figures;
        });
    }

    private static String text(String value) {
        return value == null ? "" : value;
    }
}
