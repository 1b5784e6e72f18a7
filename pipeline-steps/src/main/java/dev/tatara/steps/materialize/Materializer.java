package dev.tatara.steps.materialize;

import dev.tatara.contracts.CheckVerdict;
import dev.tatara.contracts.FeatureSnapshot;
import dev.tatara.contracts.FeatureSnapshot.ColumnFigures;
import dev.tatara.contracts.Materialized;
import dev.tatara.contracts.StepResult;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import dev.tatara.steps.checks.CheckedTable;
import dev.tatara.steps.checks.TableChecks;
import dev.tatara.steps.snapshots.Snapshots;
import dev.tatara.steps.snapshots.Snapshots.Stored;
import dev.tatara.steps.tables.Column;
import dev.tatara.steps.tables.QueryFailure;
import dev.tatara.steps.tables.SqlWords;
import dev.tatara.steps.tables.TableEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A materialization. Everything that may be refused comes before anything is written; then comes the snapshot, then the
 * online store, then what is too old goes. Each of these may be repeated, so a run that was killed is mended by running
 * again up to the same time.
 */
final class Materializer {
    static final String NAME = "materialize";

    private final ViewPlan view;
    private final Interval.Wanted wanted;
    private final StoreFolder store;
    private final Machine machine;
    private final Path workspace;
    private final Progress progress;

    /** What of the machine the tables may take. */
    record Machine(long memoryBytes, int threads) {}

    Materializer(
            ViewPlan view,
            Interval.Wanted wanted,
            StoreFolder store,
            Machine machine,
            Path workspace,
            Progress progress) {
        this.view = view;
        this.wanted = wanted;
        this.store = store;
        this.machine = machine;
        this.workspace = workspace;
        this.progress = progress;
    }

    /**
     * Runs.
     *
     * @param source makes the source of the rows, given a folder for fetched files and the interval
     * @param online opens the online store; nothing: it isn't written to
     */
    StepResult<Materialized> run(Sources source, Optional<OnlineSink.Opener> online) throws StepFailure, IOException {
        var snapshots = new Snapshots(store, view.namespace(), view.name());
        var current = snapshots.current();
        var interval = Interval.of(view, wanted, current.map(Stored::snapshot));
        progress.say(
                "FeatureView %s/%s: %s, rows %s up to %s",
                view.namespace(),
                view.name(),
                current.map(stored -> "snapshot " + stored.snapshot().number()).orElse("no snapshot yet"),
                interval.start().map(start -> "from " + start).orElse("from the beginning"),
                interval.end());
        var spill = Files.createDirectories(workspace.resolve("spill"));
        var shared = Files.createDirectories(workspace.resolve("shared"));
        var fetched = Files.createDirectories(workspace.resolve("fetched"));
        try (var engine = TableEngine.open(spill, machine.memoryBytes(), machine.threads())) {
            var tables = new SourceTables(engine, view, interval);
            read(source.of(fetched, interval), tables);
            engine.sealExcept(shared);
            var typed = TypedRows.of(engine, view, tables);
            var violations = typed.schemaViolations();
            var rowsRead = typed.make(interval);
            progress.say("%d rows of the interval", rowsRead);
            var checks = check(engine, interval, violations, reference(snapshots, current, interval));
            if (TableChecks.block(checks)) {
                return blocked(rowsRead, interval, checks, violations);
            }
            var writer = new SnapshotWriter(engine, view, store, snapshots, shared, progress);
            var written = writer.write(interval, current, checks);
            var counts = online.isEmpty()
                    ? Optional.<OnlineSink.Counts>empty()
                    : Optional.of(new OnlineRows(engine, view, progress).write(Delta.BATCH, online.get()));
            counts.ifPresent(found -> progress.say(
                    "online store: %d keys written, %d had newer values", found.written(), found.skipped()));
            var removed = snapshots.retain(view.keep(), Instant.now());
            if (removed > 0) {
                progress.say("removed %d snapshots beyond the %d to keep", removed, view.keep());
            }
            return succeeded(rowsRead, interval, checks, written, counts);
        } catch (SQLException e) {
            throw QueryFailure.aroundTheStep(e)
                    .orElseGet(() -> StepFailure.failed(
                            "QueryFailed", SqlWords.of(e, view.sensitive().isEmpty()), e));
        }
    }

    /** Makes a source of rows. */
    @FunctionalInterface
    interface Sources {
        RowSource of(Path folder, Interval interval) throws StepFailure;
    }

    private void read(RowSource source, SourceTables tables) throws StepFailure, IOException {
        try {
            source.read(tables);
            tables.finish();
        } catch (SQLException e) {
            throw QueryFailure.aroundTheStep(e)
                    .orElseGet(() -> StepFailure.rejected(
                            Reasons.SOURCE_UNREADABLE_AS_ROWS,
                            "the source of FeatureView %s can't be read as rows: %s"
                                    .formatted(
                                            view.name(),
                                            SqlWords.of(e, view.sensitive().isEmpty()))));
        }
        if (!tables.leftOut().isEmpty()) {
            progress.say("columns that the view doesn't name, left out: %s", String.join(", ", tables.leftOut()));
        }
    }

    private List<CheckVerdict> check(
            TableEngine engine, Interval interval, List<String> violations, Optional<FeatureSnapshot> reference)
            throws SQLException, StepFailure {
        Map<String, ColumnFigures> figures = reference.stream()
                .flatMap(snapshot -> snapshot.columns().stream())
                .collect(Collectors.toMap(ColumnFigures::name, Function.identity()));
        var table = new CheckedTable(
                TypedRows.TABLE,
                Column.of(engine, "select * from " + TypedRows.TABLE),
                view.identity(),
                view.eventTime(),
                interval.end(),
                reference.map(FeatureSnapshot::watermark).orElse(null),
                violations,
                figures,
                view.sensitive());
        var checks = TableChecks.run(engine, table, view.checks());
        var failures = TableChecks.failures(checks);
        if (!failures.isEmpty()) {
            progress.say("checks that failed: %s", failures);
        }
        if (!violations.isEmpty()) {
            progress.say("columns that differ from what is declared: %s", String.join("; ", violations));
        }
        return checks;
    }

    /** What rows are compared with: the snapshot before, whose rows are of the same kind and not these themselves. */
    private Optional<FeatureSnapshot> reference(Snapshots snapshots, Optional<Stored> current, Interval interval)
            throws StepFailure {
        var before = current.map(Stored::snapshot);
        if (before.isPresent() && before.get().intervalEnd().equals(interval.end())) {
            before = snapshots.before(before.get().number());
        }
        return before.filter(snapshot -> snapshot.specSha256().equals(view.sha256()));
    }

    private StepResult<Materialized> blocked(
            long rowsRead, Interval interval, List<CheckVerdict> checks, List<String> violations) {
        var details = new Materialized(
                null,
                null,
                null,
                view.sha256(),
                null,
                null,
                rowsRead,
                0,
                null,
                interval.end(),
                null,
                checks,
                false,
                null,
                null);
        var schema = violations.isEmpty() ? "" : ". Columns: " + String.join("; ", violations);
        return StepResult.rejected(
                NAME,
                Reasons.CHECKS_FAILED,
                "nothing was written, because checks with onFailure: Block failed: "
                        + TableChecks.failures(checks) + schema
                        + ". Mend the source, or change the check if such rows are right",
                details);
    }

    private StepResult<Materialized> succeeded(
            long rowsRead,
            Interval interval,
            List<CheckVerdict> checks,
            SnapshotWriter.Written written,
            Optional<OnlineSink.Counts> counts) {
        var snapshot = written.stored().snapshot();
        var age = Optional.ofNullable(snapshot.watermark())
                .map(newest ->
                        Math.max(0, Duration.between(newest, interval.end()).toSeconds()));
        var details = new Materialized(
                snapshot.number(),
                store.address(snapshot.key()),
                written.stored().sha256(),
                snapshot.specSha256(),
                snapshot.rows(),
                snapshot.entities(),
                rowsRead,
                written.rowsWritten(),
                snapshot.watermark(),
                interval.end(),
                age.orElse(null),
                checks,
                false,
                counts.map(OnlineSink.Counts::written).orElse(null),
                counts.map(OnlineSink.Counts::skipped).orElse(null));
        var failures = TableChecks.failures(checks);
        return StepResult.succeeded(
                NAME,
                "snapshot %d: %d rows of %d entities, %d of them new or changed%s"
                        .formatted(
                                snapshot.number(),
                                snapshot.rows(),
                                snapshot.entities(),
                                written.rowsWritten(),
                                failures.isEmpty() ? "" : "; checks that failed: " + failures),
                details);
    }
}
