package dev.tatara.steps.materialize;

import dev.tatara.api.v1alpha1.featureview.ValueType;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.tables.Micros;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.TableEngine;
import java.sql.Blob;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Hands the newest row of each key to an online store. */
final class OnlineRows {
    private static final long EVERY = 100_000;

    private final TableEngine engine;
    private final ViewPlan view;
    private final Progress progress;

    OnlineRows(TableEngine engine, ViewPlan view, Progress progress) {
        this.engine = engine;
        this.view = view;
        this.progress = progress;
    }

    /** Writes those of a table in which key and time are different in each row. */
    OnlineSink.Counts write(String table, OnlineSink.Opener opener) throws SQLException, StepFailure {
        var keys = Sql.names(view.keyNames());
        var columns = new ArrayList<>(List.of(keys, Micros.count(Sql.name(view.eventTime()))));
        view.featureNames().forEach(feature -> columns.add(Sql.name(feature)));
        var newest = "select " + String.join(", ", columns) + " from " + table;
        if (engine.number("select count(*) from (select distinct " + keys + " from " + table + ")")
                < engine.number("select count(*) from " + table)) {
            newest += " qualify row_number() over (partition by " + keys + " order by " + Sql.name(view.eventTime())
                    + " desc) = 1";
        }
        var query = newest;
        try (var sink = opener.open(view)) {
            var failure = engine.query(query, rows -> handOver(rows, sink));
            if (failure != null) {
                throw failure;
            }
            return sink.finish();
        }
    }

    /** What went wrong, or nothing. */
    private StepFailure handOver(ResultSet rows, OnlineSink sink) throws SQLException {
        long count = 0;
        while (rows.next()) {
            try {
                sink.write(row(rows));
            } catch (StepFailure e) {
                return e;
            }
            if (++count % EVERY == 0) {
                progress.say("%d keys handed to the online store", count);
            }
        }
        return null;
    }

    private OnlineRow row(ResultSet rows) throws SQLException {
        var column = 1;
        var keys = new ArrayList<>();
        for (var key : view.keys()) {
            keys.add(value(rows, column++, key.type()));
        }
        var time = Micros.instant(rows.getLong(column++));
        var values = new ArrayList<>();
        for (var feature : view.features()) {
            values.add(value(rows, column++, feature.type()));
        }
        return new OnlineRow(keys, time, values);
    }

    private static Object value(ResultSet rows, int column, ValueType type) throws SQLException {
        if (type.name().endsWith("_LIST")) {
            var array = rows.getArray(column);
            return array == null ? null : list((Object[]) array.getArray());
        }
        return java(rows.getObject(column));
    }

    private static List<Object> list(Object[] elements) throws SQLException {
        var values = new ArrayList<>();
        for (var element : Arrays.asList(elements)) {
            values.add(java(element));
        }
        return values;
    }

    private static Object java(Object value) throws SQLException {
        return switch (value) {
            case Blob blob -> blob.getBytes(1, Math.toIntExact(blob.length()));
            case OffsetDateTime time -> time.toInstant();
            case null -> null;
            default -> value;
        };
    }
}
