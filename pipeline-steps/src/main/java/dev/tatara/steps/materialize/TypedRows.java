package dev.tatara.steps.materialize;

import dev.tatara.steps.StepFailure;
import dev.tatara.steps.materialize.ViewPlan.Typed;
import dev.tatara.steps.tables.Column;
import dev.tatara.steps.tables.ColumnType;
import dev.tatara.steps.tables.QueryFailure;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.SqlWords;
import dev.tatara.steps.tables.TableEngine;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The rows of an interval with the columns and types that the view declares, made of the table {@code source}. */
final class TypedRows {
    static final String TABLE = "typed_rows";
    private static final String TRANSFORMED = "transformed_rows";

    private final TableEngine engine;
    private final ViewPlan view;
    private final List<Column> found;
    private final String from;

    private TypedRows(TableEngine engine, ViewPlan view, List<Column> found, String from) {
        this.engine = engine;
        this.view = view;
        this.found = found;
        this.from = from;
    }

    /** Transforms, where the view says how. The engine must be sealed. */
    static TypedRows of(TableEngine engine, ViewPlan view, SourceTables tables) throws SQLException, StepFailure {
        var seen = tables.seen();
        // Nothing can be said about a transformation of columns that nobody knows.
        if (view.source().sql() == null || tables.isEmpty()) {
            return new TypedRows(engine, view, seen, "source");
        }
        var sql = view.source().sql().strip().replaceFirst("(\\s*;)+$", "");
        try {
            engine.execute("create table " + TRANSFORMED + " as (" + sql + "\n)");
        } catch (SQLException e) {
            throw QueryFailure.aroundTheStep(e)
                    .orElseGet(() -> StepFailure.rejected(
                            Reasons.TRANSFORMATION_FAILED,
                            "source.sql of FeatureView %s: %s. The table source has the columns %s"
                                    .formatted(
                                            view.name(),
                                            SqlWords.of(e, view.sensitive().isEmpty()),
                                            names(seen))));
        }
        return new TypedRows(engine, view, Column.of(engine, "select * from " + TRANSFORMED), TRANSFORMED);
    }

    /** Columns that are missing, or of a type whose values need not fit, in words. */
    List<String> schemaViolations() {
        var violations = new ArrayList<String>();
        for (var column : view.columns()) {
            var there = Column.find(found, column.name());
            if (there.isEmpty()) {
                violations.add(column.name() + " is missing");
            } else if (!ColumnType.isNatural(there.get().type(), column.type())) {
                violations.add("%s is %s, expected %s"
                        .formatted(column.name(), there.get().type(), column.type()));
            }
        }
        return List.copyOf(violations);
    }

    /**
     * Makes the table, and returns the number of its rows.
     *
     * @throws StepFailure where columns are missing, values don't fit, or rows have no key or time
     */
    long make(Interval interval) throws SQLException, StepFailure {
        refuseMissing();
        refuseMisfits();
        var selected = view.columns().stream()
                .map(column -> "(" + ColumnType.fitted(reference(column), typeOf(column), column.type()) + ")::"
                        + ColumnType.sql(column.type()) + " as " + Sql.name(column.name()))
                .collect(Collectors.joining(", "));
        engine.execute("create table " + TABLE + " as from (select " + selected + " from " + from + ") where "
                + interval.condition());
        engine.execute("drop table if exists " + TRANSFORMED);
        refuseAbsent();
        return engine.number("select count(*) from " + TABLE);
    }

    private void refuseMissing() throws StepFailure {
        var missing = view.columns().stream()
                .map(Typed::name)
                .filter(name -> Column.find(found, name).isEmpty())
                .toList();
        if (!missing.isEmpty()) {
            throw StepFailure.rejected(
                    Reasons.COLUMNS_MISSING,
                    "FeatureView %s needs the columns %s, which %s; there are %s. Name them with source.fieldMapping, or make them with source.sql"
                            .formatted(
                                    view.name(),
                                    String.join(", ", missing),
                                    view.source().sql() == null ? "the source doesn't have" : "source.sql doesn't give",
                                    names(found)));
        }
    }

    private void refuseMisfits() throws SQLException, StepFailure {
        var doubtful = view.columns().stream()
                .filter(column -> ColumnType.mayMisfit(typeOf(column), column.type()))
                .toList();
        if (doubtful.isEmpty()) {
            return;
        }
        var expressions = new ArrayList<String>(List.of("count(*)"));
        for (var column : doubtful) {
            var misfit = ColumnType.misfit(reference(column), typeOf(column), column.type());
            expressions.add("count(*) filter (where " + misfit + ")");
            // The least one, so that the same rows are refused in the same words.
            expressions.add(
                    column.sensitive()
                            ? "null"
                            : "min(" + reference(column) + "::varchar) filter (where " + misfit + ")");
        }
        var words = engine.query("select " + String.join(", ", expressions) + " from " + from, answer -> {
            answer.next();
            var rows = answer.getLong(1);
            var misfits = new ArrayList<String>();
            for (var i = 0; i < doubtful.size(); i++) {
                var column = doubtful.get(i);
                var count = answer.getLong(2 + 2 * i);
                if (count > 0) {
                    var example = answer.getString(3 + 2 * i);
                    misfits.add("%s in %d of %d rows is no %s (its type in the source is %s)%s"
                            .formatted(
                                    column.name(),
                                    count,
                                    rows,
                                    column.type(),
                                    typeOf(column),
                                    example == null ? "" : ", for example '" + shortened(example) + "'"));
                }
            }
            return misfits;
        });
        if (!words.isEmpty()) {
            throw StepFailure.rejected(
                    Reasons.VALUES_DO_NOT_FIT,
                    "FeatureView %s: %s. Mend the source, declare another type, or convert with source.sql (try_cast)"
                            .formatted(view.name(), String.join("; ", words)));
        }
    }

    private void refuseAbsent() throws SQLException, StepFailure {
        var identity = view.identity();
        var words = engine.query(
                "select count(*), "
                        + identity.stream()
                                .map(name -> "count(*) - count(" + Sql.name(name) + ")")
                                .collect(Collectors.joining(", "))
                        + " from " + TABLE,
                answer -> {
                    answer.next();
                    var absent = new ArrayList<String>();
                    for (var i = 0; i < identity.size(); i++) {
                        var count = answer.getLong(2 + i);
                        if (count > 0) {
                            absent.add("%s is absent in %d of %d rows"
                                    .formatted(identity.get(i), count, answer.getLong(1)));
                        }
                    }
                    return absent;
                });
        if (!words.isEmpty()) {
            throw StepFailure.rejected(
                    Reasons.KEYS_MISSING,
                    "FeatureView %s: %s. A row needs its keys and its time: mend the source, or leave such rows out with source.sql"
                            .formatted(view.name(), String.join("; ", words)));
        }
    }

    private String reference(Typed column) {
        return Sql.name(Column.find(found, column.name()).orElseThrow().name());
    }

    private String typeOf(Typed column) {
        return Column.find(found, column.name()).orElseThrow().type();
    }

    private static String names(List<Column> columns) {
        return columns.stream()
                .limit(50)
                .map(column -> column.name() + " " + column.type())
                .collect(Collectors.joining(", "));
    }

    private static String shortened(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "…";
    }
}
