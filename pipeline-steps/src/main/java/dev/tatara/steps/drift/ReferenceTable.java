package dev.tatara.steps.drift;

import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.Pane.Column;
import dev.tatara.statistics.Pane.Origin;
import dev.tatara.statistics.Sketch;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.UnreadableException;
import dev.tatara.steps.tables.QueryFailure;
import dev.tatara.steps.tables.RowFiles;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.SqlWords;
import dev.tatara.steps.tables.TableEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Sketches of a table's columns, as pods would have made them of its rows; of very many rows a sample. */
record ReferenceTable(long memoryBytes, int threads, Path workspace) {
    /** More tell a test nothing: its bound is of samples this size a matter of the third digit. */
    private static final int MOST_ROWS = 1_000_000;

    private static final String SAMPLE = "sample";

    /** Sketches of those columns that live data have, by their names. */
    Pane read(Path file, LiveData live) throws StepFailure, IOException, UnreadableException {
        var format = RowFiles.formatOf(String.valueOf(file.getFileName()))
                .orElseThrow(() -> new UnreadableException(
                        "expected a profile, or a table called .parquet, .csv or .json: rename the file"));
        var wanted = live.pane().map(Pane::columns).orElse(List.of());
        var spill = Files.createDirectories(workspace.resolve("spill"));
        try (var engine = TableEngine.open(spill, memoryBytes, threads)) {
            var relation = RowFiles.relation(engine, List.of(file), format, name -> wanted.stream()
                    .anyMatch(column -> column.name().equals(name) && column.sketch() instanceof CategorySketch));
            var found = dev.tatara.steps.tables.Column.of(engine, "select * from " + relation);
            var columns = new ArrayList<Column>();
            for (var column : wanted) {
                if (found.stream().anyMatch(one -> one.name().equals(column.name()))) {
                    columns.add(column);
                }
            }
            if (columns.isEmpty() && !wanted.isEmpty()) {
                throw new UnreadableException("none of the service's columns is in the table, which has "
                        + dev.tatara.steps.tables.Column.names(found));
            }
            var sketches = columns.stream().map(ReferenceTable::empty).toList();
            engine.execute(sample(columns, relation));
            for (int i = 0; i < sketches.size(); i++) {
                var sketch = sketches.get(i).sketch();
                engine.query("select c" + i + " from " + SAMPLE, rows -> fill(sketch, rows));
            }
            var rows = engine.number("select count(*) from " + SAMPLE);
            return new Pane(
                    new Origin("", "", "", "", "", "", "", 0), Instant.EPOCH, Instant.EPOCH, 1, rows, rows, sketches);
        } catch (SQLException e) {
            var around = QueryFailure.aroundTheStep(e);
            if (around.isPresent()) {
                throw around.get();
            }
            throw new UnreadableException("the table can't be read: " + SqlWords.of(e, true), e);
        }
    }

    private static String sample(List<Column> columns, String relation) {
        var selected = new ArrayList<String>(List.of("1 as one"));
        for (int i = 0; i < columns.size(); i++) {
            selected.add(selected(columns.get(i)) + " as c" + i);
        }
        return "create table " + SAMPLE + " as select " + String.join(", ", selected) + " from " + relation
                + " using sample reservoir(" + MOST_ROWS + " rows) repeatable (1)";
    }

    private static Column empty(Column like) {
        return new Column(
                like.role(),
                like.name(),
                like.sketch() instanceof NumberSketch ? new NumberSketch() : new CategorySketch());
    }

    private static String selected(Column like) {
        var name = Sql.name(like.name());
        if (!(like.sketch() instanceof NumberSketch live)) {
            return name + "::varchar";
        }
        var number = "try_cast(" + name + " as double)";
        // A model that eats 32 bits sees 0.1 as another number than the table's; equal values must stay equal.
        var isRounded = live.min() == (float) live.min() && live.max() == (float) live.max();
        return isRounded ? "try_cast(" + number + " as float)::double" : number;
    }

    private static Sketch fill(Sketch sketch, ResultSet rows) throws SQLException {
        while (rows.next()) {
            switch (sketch) {
                case NumberSketch numbers -> {
                    var value = rows.getDouble(1);
                    numbers.update(rows.wasNull() ? Double.NaN : value);
                }
                case CategorySketch categories -> categories.update(rows.getString(1));
            }
        }
        return sketch;
    }
}
