package dev.tatara.steps.training;

import dev.tatara.steps.StepFailure;
import dev.tatara.steps.join.EntityTable;
import dev.tatara.steps.tables.ColumnType;
import dev.tatara.steps.tables.TableEngine;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of the column with the label.
 *
 * @param name its name
 * @param type its type as DuckDB calls it
 * @param rows rows in all
 * @param present rows with a value
 * @param distinct different values
 * @param notFinite rows whose value is NaN or infinite
 * @param least the least finite number; {@code null} where there is none
 * @param most the greatest finite number; {@code null} where there is none
 * @param shares rows by value, the most frequent first, where the values are classes; else rows by range
 */
record LabelFigures(
        String name,
        String type,
        long rows,
        long present,
        long distinct,
        long notFinite,
        Double least,
        Double most,
        Map<String, Long> shares) {
    /** Numbers with more values than this aren't classes. */
    static final int MOST_CLASSES = 50;

    private static final int RANGES = 20;
    private static final int LONGEST_VALUE = 40;

    /** A text that is another one in each of so many rows is no class. */
    private static final int MANY_ROWS = 20;

    /** Looks at the label of the rows. */
    static LabelFigures of(TableEngine engine, EntityTable table, String label) throws SQLException {
        var column = table.column(label);
        var type = table.type(label);
        var fractions = ColumnType.isFloating(type);
        var number = ColumnType.isNumber(type) ? column + "::double" : "null::double";
        var finite = number + (fractions ? ") filter (where isfinite(" + column + "))" : ")");
        var figures = engine.query(
                "select count(*), count(" + column + "), count(distinct " + column + "), "
                        + (fractions ? "count(*) filter (where not isfinite(" + column + "))" : "0") + ", min(" + finite
                        + ", max(" + finite + " from " + table.table(),
                row -> {
                    row.next();
                    return new LabelFigures(
                            label,
                            type,
                            row.getLong(1),
                            row.getLong(2),
                            row.getLong(3),
                            row.getLong(4),
                            row.getObject(5, Double.class),
                            row.getObject(6, Double.class),
                            Map.of());
                });
        return figures.with(
                figures.isClasses() ? classes(engine, table, column) : figures.ranges(engine, table, column));
    }

    private LabelFigures with(Map<String, Long> some) {
        return new LabelFigures(name, type, rows, present, distinct, notFinite, least, most, some);
    }

    /** Whether its values are classes rather than measurements. */
    boolean isClasses() {
        return !ColumnType.isNumber(type) || distinct <= MOST_CLASSES;
    }

    private static Map<String, Long> classes(TableEngine engine, EntityTable table, String column) throws SQLException {
        return engine.query(
                "select left(" + column + "::varchar, " + LONGEST_VALUE + "), count(*) from " + table.table()
                        + " where " + column + " is not null group by " + column + " order by 2 desc, 1 limit "
                        + MOST_CLASSES,
                LabelFigures::read);
    }

    private Map<String, Long> ranges(TableEngine engine, EntityTable table, String column) throws SQLException {
        if (least == null || !(most > least)) {
            return Map.of();
        }
        var value = column + "::double";
        var place = "least(" + (RANGES - 1) + ", floor((" + value + " / 2 - " + least / 2 + "::double) / ("
                + (most / 2 - least / 2) + "::double) * " + RANGES + "))";
        var where =
                ColumnType.isFloating(type) ? " where isfinite(" + column + ")" : " where " + column + " is not null";
        var counted = engine.query(
                "select " + place + "::int::varchar, count(*) from " + table.table() + where + " group by 1",
                LabelFigures::read);
        var ranges = new LinkedHashMap<String, Long>();
        for (var i = 0; i < RANGES; i++) {
            var from = least + (most / RANGES - least / RANGES) * i;
            ranges.merge(
                    String.format(Locale.ROOT, "from %.6g", from),
                    counted.getOrDefault(String.valueOf(i), 0L),
                    Long::sum);
        }
        return ranges;
    }

    private static Map<String, Long> read(ResultSet rows) throws SQLException {
        var found = new LinkedHashMap<String, Long>();
        while (rows.next()) {
            found.merge(rows.getString(1), rows.getLong(2), Long::sum);
        }
        return found;
    }

    /** Why nothing can be learned of it, and what to do; nothing where something can. */
    Optional<StepFailure> refusal() {
        var reasons = new ArrayList<String>();
        if (isOther()) {
            reasons.add("it has type %s, expected numbers, texts or truths: set labelColumn to another column"
                    .formatted(type));
        } else if (present == 0) {
            reasons.add(
                    "none of %d rows has a value: set labelColumn to another column, or widen the window to rows whose outcome is known"
                            .formatted(rows));
        } else if (notFinite > 0) {
            reasons.add("%d of %d rows are NaN or infinite: leave these rows out, or their value"
                    .formatted(notFinite, rows));
        } else if (distinct < 2) {
            reasons.add(
                    "all %d rows with a value have the same, %s: take rows of every outcome, or set labelColumn to another column"
                            .formatted(
                                    present,
                                    shares.keySet().stream().findFirst().orElse("?")));
        } else if (!ColumnType.isNumber(type) && distinct == present && present >= MANY_ROWS) {
            reasons.add(
                    "each of %d rows has another text, so it is an identifier rather than a class: set labelColumn to another column"
                            .formatted(present));
        }
        return reasons.stream()
                .findFirst()
                .map(reason -> StepFailure.rejected(
                        Reasons.LABEL_UNUSABLE, "nothing can be learned of the label %s: %s".formatted(name, reason)));
    }

    private boolean isOther() {
        return !ColumnType.isNumber(type)
                && !List.of("VARCHAR", "BOOLEAN", "UUID").contains(type)
                && !type.startsWith("ENUM");
    }
}
