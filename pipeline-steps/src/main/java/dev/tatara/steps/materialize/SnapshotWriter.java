package dev.tatara.steps.materialize;

import dev.tatara.artifacts.Sha256;
import dev.tatara.contracts.CheckVerdict;
import dev.tatara.contracts.FeatureSnapshot;
import dev.tatara.contracts.FeatureSnapshot.ColumnFigures;
import dev.tatara.contracts.FeatureSnapshot.DataFile;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import dev.tatara.steps.checks.Figures;
import dev.tatara.steps.options.ByteSize;
import dev.tatara.steps.snapshots.Snapshots;
import dev.tatara.steps.snapshots.Snapshots.Stored;
import dev.tatara.steps.tables.ColumnType;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.TableEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Writes what a run found as a new snapshot: first the file of rows under its digest, then the catalog. Killed between
 * the two, the next run finds the file there. A run that changes nothing writes nothing.
 */
final class SnapshotWriter {
    /** More files than these are merged into one. */
    static final int MAX_FILES = 32;

    private final TableEngine engine;
    private final ViewPlan view;
    private final StoreFolder store;
    private final Snapshots snapshots;
    private final Path shared;
    private final Progress progress;

    SnapshotWriter(
            TableEngine engine, ViewPlan view, StoreFolder store, Snapshots snapshots, Path shared, Progress progress) {
        this.engine = engine;
        this.view = view;
        this.store = store;
        this.snapshots = snapshots;
        this.shared = shared;
        this.progress = progress;
    }

    /**
     * The current snapshot after a run.
     *
     * @param stored the snapshot
     * @param rowsWritten rows that the run added or changed
     */
    record Written(Stored stored, long rowsWritten) {}

    /**
     * Writes.
     *
     * @param current the current snapshot, where there is one
     * @param checks verdicts on the rows
     */
    Written write(Interval interval, Optional<Stored> current, List<CheckVerdict> checks)
            throws SQLException, StepFailure, IOException {
        var base = current.map(Stored::snapshot).filter(snapshot -> !interval.replaces());
        var delta = new Delta(engine, view, store, shared);
        var batch = delta.deduplicate();
        var added = delta.make(base);
        var changed = engine.number("select count(*) from " + Delta.TABLE);
        progress.say("%d rows without duplicates, %d of them new or changed", batch, changed);
        if (changed == 0 && base.isPresent()) {
            return new Written(current.orElseThrow(), 0);
        }
        var earlier = base.map(FeatureSnapshot::files).orElse(List.of());
        var files = new ArrayList<DataFile>();
        if (earlier.size() + 1 > MAX_FILES) {
            progress.say("merging %d files into one", earlier.size() + 1);
            files.add(file(delta, delta.merged(earlier)));
        } else {
            files.addAll(earlier);
            if (changed > 0) {
                files.add(file(delta, Delta.TABLE));
            }
        }
        if (isSame(current, files)) {
            return new Written(current.orElseThrow(), 0);
        }
        var entities = delta.entities(earlier);
        var watermark = files.stream().map(DataFile::maxTimestamp).max(Instant::compareTo);
        var snapshot = new FeatureSnapshot(
                FeatureSnapshot.SCHEMA,
                view.name(),
                view.namespace(),
                current.map(stored -> stored.snapshot().number() + 1).orElse(1),
                watermark.orElse(null),
                interval.start().orElse(null),
                base.map(FeatureSnapshot::intervalEnd)
                        .filter(end -> end.isAfter(interval.end()))
                        .orElse(interval.end()),
                view.sha256(),
                base.map(FeatureSnapshot::rows).orElse(0L) + added,
                entities,
                files,
                figures(base),
                checks);
        var stored = snapshots.publish(snapshot);
        progress.say(
                "snapshot %d: %d rows of %d entities in %d files",
                snapshot.number(), snapshot.rows(), entities, files.size());
        return new Written(stored, changed);
    }

    private boolean isSame(Optional<Stored> current, List<DataFile> files) {
        return current.isPresent()
                && current.get().snapshot().specSha256().equals(view.sha256())
                && current.get().snapshot().files().equals(files);
    }

    private DataFile file(Delta delta, String relation) throws SQLException, StepFailure, IOException {
        var local = shared.resolve("rows.parquet");
        engine.execute("copy (select " + delta.columns() + " from " + relation + " order by "
                + Sql.names(view.identity()) + ") to " + Sql.file(local)
                + " (format parquet, compression zstd, row_group_size 122880, preserve_order true)");
        var digested = Sha256.of(local);
        var key = FeatureSnapshot.folder(view.namespace(), view.name()) + "data/" + digested.sha256() + ".parquet";
        var span = delta.span("read_parquet(" + Sql.file(local) + ")").orElseThrow();
        var rows = engine.number("select count(*) from read_parquet(" + Sql.file(local) + ")");
        var fresh = store.putIfAbsent(key, local);
        progress.say(
                "%s %s of %d rows as %s",
                fresh ? "published" : "already published",
                ByteSize.show(digested.sizeBytes()),
                rows,
                store.address(key));
        Files.delete(local);
        return new DataFile(key, digested.sha256(), digested.sizeBytes(), rows, span.from(), span.to());
    }

    /** Of the earlier rows and the new ones together; a row that was changed counts twice. */
    private List<ColumnFigures> figures(Optional<FeatureSnapshot> base) throws SQLException {
        var columns = view.features().stream()
                .filter(feature -> ColumnType.isNumeric(feature.type()))
                .map(ViewPlan.Typed::name)
                .toList();
        if (columns.isEmpty()) {
            return List.of();
        }
        var bounds = numbers(columns.stream()
                .flatMap(column -> Figures.bounds(column).stream())
                .toList());
        var expressions = new ArrayList<String>();
        for (var i = 0; i < columns.size(); i++) {
            // A column of nothing has no bounds, and nothing to count between any.
            var low = Optional.ofNullable(bounds.get(2 * i)).orElse(0.0);
            var high = Optional.ofNullable(bounds.get(2 * i + 1)).orElse(0.0);
            expressions.addAll(Figures.aggregates(columns.get(i), Figures.literal(low), Figures.literal(high)));
        }
        var numbers = numbers(expressions);
        var figures = new ArrayList<ColumnFigures>();
        for (var i = 0; i < columns.size(); i++) {
            var own = Figures.of(columns.get(i), numbers.subList(3 * i, 3 * i + 3));
            figures.add(base.flatMap(snapshot -> of(snapshot, own.name()))
                    .map(before -> Figures.together(before, own))
                    .orElse(own));
        }
        return List.copyOf(figures);
    }

    /** What aggregates of the new rows are; null where they are nothing. */
    private List<Double> numbers(List<String> aggregates) throws SQLException {
        return engine.query("select " + String.join(", ", aggregates) + " from " + Delta.TABLE, answer -> {
            answer.next();
            var numbers = new ArrayList<Double>();
            for (var column = 1; column <= aggregates.size(); column++) {
                var number = answer.getDouble(column);
                numbers.add(answer.wasNull() ? null : number);
            }
            return numbers;
        });
    }

    private static Optional<ColumnFigures> of(FeatureSnapshot snapshot, String column) {
        return Stream.of(snapshot)
                .flatMap(any -> any.columns().stream())
                .filter(figures -> figures.name().equals(column))
                .findFirst();
    }
}
