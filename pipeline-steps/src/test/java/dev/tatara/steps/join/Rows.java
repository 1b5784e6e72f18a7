package dev.tatara.steps.join;

import dev.tatara.api.v1alpha1.featureview.ValueType;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.join.EntityFile.Format;
import dev.tatara.steps.join.FeatureTable.DataFile;
import dev.tatara.steps.join.FeatureTable.Feature;
import dev.tatara.steps.join.FeatureTable.JoinKey;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.TableEngine;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Entities and views of a test, from SQL. */
final class Rows implements AutoCloseable {
    private static final AtomicInteger FILES = new AtomicInteger();
    static final JoinKey USER = new JoinKey("user_id", ValueType.INT64);

    final TableEngine engine;
    private final Path folder;

    Rows(Path folder, Path spill) throws SQLException {
        this(folder, TableEngine.open(spill, 256L << 20, 2));
    }

    Rows(Path folder, TableEngine engine) {
        this.folder = folder;
        this.engine = engine;
    }

    /** A Parquet file with the rows of a query. */
    Path file(String query) throws SQLException {
        var file = folder.resolve("rows" + FILES.incrementAndGet() + ".parquet");
        engine.execute("copy (" + query + ") to " + Sql.file(file) + " (format parquet)");
        return file;
    }

    /** Rows of values as a query; the names are those of the columns. */
    static String values(String names, String... rows) {
        return "select * from (values (" + String.join("), (", rows) + ")) t(" + names + ")";
    }

    /** Entity rows with the time {@code event_timestamp}. */
    EntityTable entities(String query) throws SQLException, StepFailure {
        return new EntityFile(file(query), Format.Parquet, "event_timestamp", null, List.of(), null, null).load(engine);
    }

    /** A view of users with these files, whose rows may repeat, with the event time {@code happened}. */
    static FeatureTable view(String name, Duration ttl, List<Feature> features, DataFile... files) {
        return new FeatureTable(name, List.of(USER), "happened", null, ttl, features, List.of(files));
    }

    static FeatureTable withCreated(FeatureTable view, String created) {
        return new FeatureTable(
                view.name(), view.keys(), view.eventTime(), created, view.ttl(), view.features(), view.files());
    }

    static Feature feature(String name, ValueType type) {
        return new Feature(name, type, null);
    }

    /** The joined rows, each as its values with commas between. */
    List<String> join(EntityTable entities, boolean defaults, FeatureTable... views) throws SQLException, StepFailure {
        var join = new PointInTimeJoin(engine, entities, defaults);
        for (var view : views) {
            join.add(view);
        }
        return rows(join.result().query());
    }

    List<String> join(EntityTable entities, FeatureTable... views) throws SQLException, StepFailure {
        return join(entities, false, views);
    }

    List<String> rows(String query) throws SQLException {
        engine.execute("set preserve_insertion_order = true");
        return engine.query(query, answer -> {
            var rows = new ArrayList<String>();
            while (answer.next()) {
                var row = new ArrayList<String>();
                for (var i = 1; i <= answer.getMetaData().getColumnCount(); i++) {
                    row.add(answer.getString(i));
                }
                rows.add(String.join(",", row));
            }
            return rows;
        });
    }

    @Override
    public void close() throws SQLException {
        engine.close();
    }
}
