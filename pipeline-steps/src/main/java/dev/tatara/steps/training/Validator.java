package dev.tatara.steps.training;

import dev.tatara.api.v1alpha1.common.DataCheck;
import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.contracts.CheckVerdict;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.Validated;
import dev.tatara.contracts.Validated.Report;
import dev.tatara.steps.Step;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.checks.CheckedTable;
import dev.tatara.steps.checks.TableChecks;
import dev.tatara.steps.definitions.Definition;
import dev.tatara.steps.definitions.TrainingParts;
import dev.tatara.steps.join.EntityRows;
import dev.tatara.steps.join.EntityTable;
import dev.tatara.steps.join.FeatureTable.JoinKey;
import dev.tatara.steps.tables.Column;
import dev.tatara.steps.tables.ColumnType;
import dev.tatara.steps.tables.Micros;
import dev.tatara.steps.tables.QueryFailure;
import dev.tatara.steps.tables.TableEngine;
import dev.tatara.steps.training.RunBeginning.Begun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Looks whether a model can be trained on the rows that a TrainingJob names, before anything is joined or trained. */
final class Validator implements Step<Validated> {
    static final String NAME = "validate";
    static final String REPORT = "validation.html";

    private final ValidateOptions options;
    private final StoreSettings sourceSettings;
    private final RunBeginning beginning;

    Validator(ValidateOptions options, StoreSettings sourceSettings, RunBeginning beginning) {
        this.options = options;
        this.sourceSettings = sourceSettings;
        this.beginning = beginning;
    }

    /**
     * What the command line says.
     *
     * @param job file with the TrainingJob
     * @param entities address of the rows instead of the TrainingJob's; null: as it says
     * @param views definitions of the views that it joins; all or none
     * @param output folder for the report, below the store or as a URI
     * @param end only rows of this time and before; null: all
     */
    record ValidateOptions(
            Path job, String entities, List<String> views, String output, Instant end, long memoryBytes, int threads) {
        ValidateOptions {
            views = List.copyOf(views);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Class<Validated> detailsType() {
        return Validated.class;
    }

    @Override
    public StepResult<Validated> run(StepContext context) throws StepFailure, IOException {
        var job = Definition.read(options.job(), "TrainingJob", TrainingParts.class);
        var rows = EntityRows.of(options.job(), options.entities(), options.views(), options.end());
        var output = context.address("--output", options.output());
        var spill = Files.createDirectory(context.workspace().resolve("spill"));
        try (var engine = TableEngine.open(spill, options.memoryBytes(), options.threads())) {
            var table = rows.load(engine, sourceSettings, context);
            engine.seal();
            rows.checkKeys(engine, table);
            checkTimes(table);
            return judge(job, rows, engine, table, output, context);
        } catch (SQLException e) {
            throw QueryFailure.of(e);
        }
    }

    private static void checkTimes(EntityTable table) throws StepFailure {
        if (table.time() != null && table.minMicros() == null) {
            throw StepFailure.rejected(
                    Reasons.VALUES_DO_NOT_FIT,
                    "none of %d rows has a time in column %s: set timestampColumn to the column with the time of a row"
                            .formatted(table.rows(), table.time()));
        }
    }

    private StepResult<Validated> judge(
            Definition<TrainingParts> job,
            EntityRows rows,
            TableEngine engine,
            EntityTable table,
            ArtifactUri output,
            StepContext context)
            throws StepFailure, SQLException {
        var progress = context.progress();
        var label = LabelFigures.of(engine, table, rows.label());
        progress.say(
                "label %s (%s): %d rows have a value, %d different ones",
                label.name(), label.type(), label.present(), label.distinct());
        var validation = job.spec().dataset().validation();
        var wanted = validation == null || validation.checks() == null ? List.<DataCheck>of() : validation.checks();
        checkColumns(wanted, job, table);
        var checks = TableChecks.run(engine, checked(rows, table), wanted);
        progress.say("%d checks%s", checks.size(), failures(checks, "; failed: "));
        var refusal = label.refusal().or(() -> blocked(checks));
        var report = new ValidationReport(
                job.namespace() + "/" + job.name(),
                table.rows(),
                instant(table.minMicros()),
                instant(table.maxMicros()),
                label,
                checks,
                ColumnFigures.of(engine, table),
                refusal.map(StepFailure::getMessage));
        var stored = write(report, output, context);
        if (refusal.isPresent()) {
            var details = new Validated(table.rows(), checks, false, stored, null, null);
            return StepResult.rejected(
                    NAME, refusal.get().reason(), refusal.get().getMessage(), details);
        }
        var begun = beginning.begin(run(), progress);
        return StepResult.succeeded(
                NAME,
                "%d rows, %d of them with a label of %d different values%s"
                        .formatted(
                                table.rows(),
                                label.present(),
                                label.distinct(),
                                failures(checks, "; checks that failed: ")),
                new Validated(
                        table.rows(),
                        checks,
                        false,
                        stored,
                        begun.map(Begun::runId).orElse(null),
                        begun.map(Begun::experimentId).orElse(null)));
    }

    /** A check of a feature belongs to its view, whose rows aren't these. */
    private static void checkColumns(List<DataCheck> checks, Definition<TrainingParts> job, EntityTable table)
            throws StepFailure {
        var joined = job.spec().dataset().featureViews();
        for (var check : checks) {
            var isUnknown = check.column() != null
                    && Column.find(table.columns(), check.column()).isEmpty();
            if (isUnknown && joined != null && !joined.isEmpty()) {
                throw StepFailure.rejected(
                        Reasons.INVALID_DEFINITION,
                        "check %s of %s: the entities have no such column. dataset.validation.checks are about the entities; checks of features belong into spec.checks of their FeatureView"
                                .formatted(check.type(), check.column()));
            }
        }
    }

    private CheckedTable checked(EntityRows rows, EntityTable table) {
        var keys = rows.keys().stream().map(JoinKey::column).distinct();
        var identity = rows.views().isEmpty()
                ? table.columns().stream().map(Column::name).toList()
                : Stream.concat(keys, Stream.of(table.time())).toList();
        var misfits = new ArrayList<String>();
        for (var key : rows.keys()) {
            var type = table.type(key.column());
            if (!ColumnType.isNatural(type, key.type())) {
                misfits.add("%s is %s, expected %s".formatted(key.column(), type, key.type()));
            }
        }
        return new CheckedTable(
                table.named(),
                table.columns(),
                identity,
                table.time(),
                options.end() == null ? Instant.now() : options.end(),
                null,
                misfits,
                Map.of(),
                Set.of());
    }

    private static Optional<StepFailure> blocked(List<CheckVerdict> checks) {
        return TableChecks.block(checks)
                ? Optional.of(StepFailure.rejected(
                        Reasons.CHECKS_FAILED,
                        "nothing is trained, because checks with onFailure: Block failed: "
                                + TableChecks.failures(checks)
                                + ". Mend the data, or change the check if such rows are right"))
                : Optional.empty();
    }

    private static String failures(List<CheckVerdict> checks, String before) {
        var failures = TableChecks.failures(checks);
        return failures.isEmpty() ? "" : before + failures;
    }

    private static Instant instant(Long micros) {
        return micros == null ? null : Micros.instant(micros);
    }

    private static Report write(ValidationReport report, ArtifactUri output, StepContext context) throws StepFailure {
        var uri = output.resolve(REPORT);
        try {
            var digested = context.store().put(uri, report.page());
            context.progress().say("wrote %s", uri);
            return new Report(uri.external(), digested.sha256());
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
    }

    /** The run's folder is the one that the report's lies in. */
    private String run() {
        return options.output().replaceFirst("/*[^/]*/*$", "");
    }

    @Override
    public boolean stillHolds(StepResult<Validated> earlier, StepContext context) throws StepFailure {
        var report = earlier.details().report();
        try {
            return report != null && context.store().exists(ArtifactUri.parse(report.uri()));
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
    }

    @Override
    public Optional<Validated> shorter(Validated details) {
        return details.shorter();
    }
}
