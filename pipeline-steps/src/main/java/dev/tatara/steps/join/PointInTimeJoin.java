package dev.tatara.steps.join;

import dev.tatara.steps.StepFailure;
import dev.tatara.steps.tables.Column;
import dev.tatara.steps.tables.ColumnType;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.TableEngine;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Joins features to entity rows as they were known at each row's time: of the view's rows with the same keys the latest
 * whose event time isn't after the entity row's time and, with a ttl, isn't more than the ttl before it; both bounds are
 * inclusive, times are whole microseconds in UTC. Of several rows for the same time the one created last counts.
 *
 * <p>Every entity row stays, once and in its place. Where nothing matches (a key or a time is missing, too) its features
 * are absent, or the defaults of the view. The result is the same whatever the number of threads and the memory.
 *
 * <p>View after view is looked up by a join of its own that carries nothing but keys and times, so that memory, and what
 * is spilled, doesn't grow with the number of views; the columns are then laid side by side by position.
 */
public final class PointInTimeJoin {
    private final TableEngine engine;
    private final EntityTable entities;
    private final boolean defaults;
    private final List<FeatureTable> views = new ArrayList<>();
    private final List<Long> matched = new ArrayList<>();

    /**
     * A join with no views yet.
     *
     * @param defaults whether a feature's default stands in place of a missing value, as it does in serving
     */
    public PointInTimeJoin(TableEngine engine, EntityTable entities, boolean defaults) {
        this.engine = engine;
        this.entities = entities;
        this.defaults = defaults;
    }

    /**
     * Looks one view's features up. Afterwards its files are no longer needed.
     *
     * @return entity rows for which there was a row of the view
     * @throws StepFailure where entities and view don't go together
     */
    public long add(FeatureTable view) throws StepFailure, SQLException {
        checkDefaults(view);
        checkKeys(engine, entities, view);
        var columns =
                view.files().isEmpty() ? List.<Column>of() : Column.of(engine, "select * from " + ViewSql.files(view));
        checkFiles(view, columns);
        var target = table(views.size());
        engine.execute(new ViewSql(entities, view, columns, defaults).create(target));
        var rows = engine.number("select count(*) from " + target);
        if (rows != entities.rows()) {
            throw new IllegalStateException(
                    "expected %d rows for view %s, found %d".formatted(entities.rows(), view.name(), rows));
        }
        var found = engine.number("select count(*) from " + target + " where " + ViewSql.MATCHED);
        views.add(view);
        matched.add(found);
        return found;
    }

    /**
     * The joined table.
     *
     * @throws StepFailure where two columns would have the same name
     */
    public Joined result() throws StepFailure {
        var columns = new ArrayList<String>();
        var tables = new ArrayList<String>();
        tables.add(entities.table());
        for (var i = 0; i < entities.columns().size(); i++) {
            columns.add(entities.table() + "." + EntityTable.inner(i) + " as "
                    + Sql.name(entities.columns().get(i).name()));
        }
        var names = ColumnNames.of(entities.columns(), views);
        for (var view = 0; view < views.size(); view++) {
            tables.add(table(view));
            for (var feature = 0; feature < names.get(view).size(); feature++) {
                columns.add(table(view) + "." + ViewSql.inner(feature) + " as "
                        + Sql.name(names.get(view).get(feature)));
            }
        }
        return new Joined(columns, tables, matched);
    }

    private static String table(int view) {
        return "view" + view;
    }

    private void checkDefaults(FeatureTable view) throws StepFailure, SQLException {
        for (var feature : view.features()) {
            if (defaults
                    && feature.defaultValue() != null
                    && engine.number("select ((" + ViewSql.defaultOf(feature) + ") is null)::int") == 1) {
                throw StepFailure.rejected(
                        Reasons.INVALID_DEFINITION,
                        "view %s: defaultValue of feature %s is no %s: '%s'"
                                .formatted(view.name(), feature.column(), feature.type(), feature.defaultValue()));
            }
        }
    }

    static void checkKeys(TableEngine engine, EntityTable entities, FeatureTable view)
            throws StepFailure, SQLException {
        for (var key : view.keys()) {
            var found = Column.find(entities.columns(), key.column());
            if (found.isEmpty()) {
                throw StepFailure.rejected(
                        Reasons.COLUMNS_MISSING,
                        "view %s needs a column %s among the entities, found: %s"
                                .formatted(view.name(), key.column(), Column.names(entities.columns())));
            }
            var type = found.get().type();
            if (type.equals(ColumnType.sql(key.type()))) {
                continue;
            }
            var misfits = engine.number("select count(*) from " + entities.table() + " where "
                    + ColumnType.misfit(entities.column(key.column()), type, key.type()));
            if (misfits > 0) {
                throw StepFailure.rejected(
                        Reasons.VALUES_DO_NOT_FIT,
                        "column %s of the entities is a key of view %s and must hold %s: %d rows of it (type %s) don't"
                                .formatted(key.column(), view.name(), key.type(), misfits, type));
            }
        }
        if (entities.time() == null) {
            throw StepFailure.rejected(
                    Reasons.COLUMNS_MISSING, "features can't be looked up without a column that says for which time");
        }
    }

    private static void checkFiles(FeatureTable view, List<Column> columns) throws StepFailure {
        if (columns.isEmpty()) {
            return;
        }
        var needed = new ArrayList<String>();
        view.keys().forEach(key -> needed.add(key.column()));
        needed.add(view.eventTime());
        if (view.created() != null) {
            needed.add(view.created());
        }
        view.features().forEach(feature -> needed.add(feature.column()));
        var missing = needed.stream()
                .filter(name -> Column.find(columns, name).isEmpty())
                .toList();
        if (!missing.isEmpty()) {
            throw StepFailure.failed(
                    Reasons.SNAPSHOT_OUTDATED,
                    "the rows of view %s have no %s: the view was changed since they were computed; materialize it once more"
                            .formatted(view.name(), String.join(", ", missing)),
                    null);
        }
    }
}
