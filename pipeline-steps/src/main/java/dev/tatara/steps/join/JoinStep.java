package dev.tatara.steps.join;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.contracts.JoinedDataset;
import dev.tatara.contracts.StepResult;
import dev.tatara.steps.Step;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.join.DatasetWriter.Written;
import dev.tatara.steps.join.Split.Part;
import dev.tatara.steps.options.ByteSize;
import dev.tatara.steps.tables.Micros;
import dev.tatara.steps.tables.QueryFailure;
import dev.tatara.steps.tables.TableEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Joins the current snapshots of views to entity rows and writes the rows, divided where a TrainingJob says how. */
final class JoinStep implements Step<JoinedDataset> {
    static final String NAME = "join";

    private final JoinRequest request;
    private final StoreSettings sourceSettings;
    private final long memoryBytes;
    private final int threads;

    JoinStep(JoinRequest request, StoreSettings sourceSettings, long memoryBytes, int threads) {
        this.request = request;
        this.sourceSettings = sourceSettings;
        this.memoryBytes = memoryBytes;
        this.threads = threads;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Class<JoinedDataset> detailsType() {
        return JoinedDataset.class;
    }

    @Override
    public StepResult<JoinedDataset> run(StepContext context) throws StepFailure, IOException {
        var plan = JoinPlan.of(request);
        var output = context.address("--output", request.output());
        var spill = Files.createDirectory(context.workspace().resolve("spill"));
        try (var engine = TableEngine.open(spill, memoryBytes, threads)) {
            var entities = plan.rows(request.end()).load(engine, sourceSettings, context);
            // Names first: what makes them clash is known before anything is fetched.
            ColumnNames.of(
                    entities.columns(),
                    plan.views().stream().map(ViewDefinition::table).toList());
            var join = new PointInTimeJoin(engine, entities, request.defaults());
            var views = new ArrayList<JoinedDataset.View>();
            for (var view : plan.views()) {
                views.add(add(view, join, entities, context));
            }
            var writer = new DatasetWriter(engine, join.result(), context.workspace());
            var files = write(plan.split(), entities, engine, writer);
            var columns = writer.columns();
            sayUnlabelled(plan.label(), columns, context);
            var parts = upload(files, output, context);
            var dataset = new JoinedDataset(
                    parts,
                    views,
                    entities.rows(),
                    columns,
                    false,
                    false,
                    instant(entities.minMicros()),
                    instant(entities.maxMicros()));
            return StepResult.succeeded(NAME, message(dataset), dataset);
        } catch (SQLException e) {
            throw QueryFailure.of(e);
        }
    }

    private JoinedDataset.View add(ViewDefinition view, PointInTimeJoin join, EntityTable entities, StepContext context)
            throws StepFailure, IOException, SQLException {
        var name = view.table().name();
        var folder = Files.createTempDirectory(context.workspace(), "view");
        var snapshot = new CurrentSnapshot(view.namespace(), name).fetch(context, folder);
        var matched = join.add(view.table().with(snapshot.files()));
        snapshot.remove();
        context.progress().say("view %s/%s: %s", view.namespace(), name, share(matched, entities.rows()));
        return new JoinedDataset.View(view.namespace(), name, snapshot.number(), snapshot.sha256(), matched);
    }

    private static List<Written> write(Split split, EntityTable entities, TableEngine engine, DatasetWriter writer)
            throws StepFailure, SQLException {
        if (split == null) {
            return List.of(writer.writeAll());
        }
        engine.execute(split.create(entities));
        var files = new ArrayList<Written>();
        for (var part : Part.values()) {
            if (!split.wants(part)) {
                continue;
            }
            var written = writer.write(part);
            if (written.rows() == 0 && part != Part.VALIDATION) {
                throw tooFew(split, part, entities);
            }
            files.add(written);
        }
        return files;
    }

    private static StepFailure tooFew(Split split, Part part, EntityTable entities) {
        var hint =
                switch (split.by()) {
                    case Random -> "more rows are needed, or other shares";
                    case Stratified -> "a class needs several rows to be divided; is " + split.label() + " a class?";
                    case Time -> "rows of the same time stay together; are there enough different times?";
                };
        return StepFailure.rejected(
                Reasons.TOO_FEW_ROWS,
                "of %d rows, none would be left for %s (split by %s, test %s, validation %s): %s"
                        .formatted(entities.rows(), part.text(), split.by(), split.test(), split.validation(), hint));
    }

    private static void sayUnlabelled(String label, List<JoinedDataset.Column> columns, StepContext context) {
        columns.stream()
                .filter(column -> column.name().equalsIgnoreCase(label) && column.nulls() > 0)
                .forEach(column -> context.progress().say("%d rows have no %s", column.nulls(), column.name()));
    }

    private static List<JoinedDataset.Part> upload(List<Written> files, ArtifactUri output, StepContext context)
            throws StepFailure {
        var parts = new ArrayList<JoinedDataset.Part>();
        try {
            for (var written : files) {
                var uri = output.resolve(written.file().getFileName().toString());
                var digested = context.store().put(uri, written.file());
                parts.add(new JoinedDataset.Part(
                        written.name(), uri.external(), digested.sha256(), digested.sizeBytes(), written.rows()));
                context.progress().say("%d rows, %s, at %s", written.rows(), ByteSize.show(digested.sizeBytes()), uri);
            }
            return parts;
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
    }

    private static Instant instant(Long micros) {
        return micros == null ? null : Micros.instant(micros);
    }

    private static String message(JoinedDataset dataset) {
        var text = new StringBuilder("%d rows, %d columns"
                .formatted(dataset.entityRows(), dataset.columns().size()));
        dataset.parts().stream()
                .filter(part -> dataset.parts().size() > 1)
                .forEach(part -> text.append(", %s %d".formatted(part.name(), part.rows())));
        for (var view : dataset.views()) {
            text.append("; ").append(view.name()).append(": ").append(share(view.matched(), dataset.entityRows()));
        }
        return text.toString();
    }

    private static String share(long matched, long rows) {
        return String.format(Locale.ROOT, "%.1f %% of rows have features", 100.0 * matched / rows);
    }

    @Override
    public boolean stillHolds(StepResult<JoinedDataset> earlier, StepContext context) throws StepFailure {
        try {
            for (var part : earlier.details().parts()) {
                if (!context.store().exists(ArtifactUri.parse(part.uri()))) {
                    return false;
                }
            }
            return true;
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
    }

    /** Columns give way first, then views; the files stay. */
    @Override
    public Optional<JoinedDataset> shorter(JoinedDataset details) {
        if (!details.columns().isEmpty()) {
            return Optional.of(details.withOnly(
                    details.views(),
                    details.columns().subList(0, details.columns().size() / 2)));
        }
        return details.views().isEmpty()
                ? Optional.empty()
                : Optional.of(details.withOnly(
                        details.views().subList(0, details.views().size() / 2), details.columns()));
    }
}
