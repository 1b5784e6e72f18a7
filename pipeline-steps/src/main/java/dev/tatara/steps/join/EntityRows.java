package dev.tatara.steps.join;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.join.FeatureTable.JoinKey;
import dev.tatara.steps.options.ByteSize;
import dev.tatara.steps.tables.TableEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The rows that a training is about: features are joined to them, or the table is ready.
 *
 * @param address where they lie; {@code null} where feedback gives them
 * @param feedback whose predictions and labels they are; {@code null} where they lie somewhere
 * @param time column with the time of a row; {@code null} where it has none
 * @param label column with the label; {@code null} where none is known
 * @param window only rows of so long before {@code end}; {@code null}: however old
 * @param end only rows of this time and before; {@code null}: the newest
 * @param views the views that are joined to them, as far as they are known
 */
public record EntityRows(
        String address,
        FeedbackRows feedback,
        String time,
        String label,
        Duration window,
        Instant end,
        List<FeatureTable> views) {
    public EntityRows {
        views = List.copyOf(views);
    }

    /**
     * The rows of a TrainingJob.
     *
     * @param job its definition
     * @param address where the rows lie instead of where it says; {@code null}: there
     * @param views definitions of the views that it joins, {@code FILE} or {@code FILE=f1,f2}: all of them or none
     */
    public static EntityRows of(Path job, String address, List<String> views, Instant end) throws StepFailure {
        var wanted = views.stream().map(ViewDefinition.Wanted::parse).toList();
        return JoinPlan.of(new JoinRequest(address, null, wanted, job, "", null, end, true), false)
                .rows(end);
    }

    /** Columns that are keys of views, each once. */
    public List<JoinKey> keys() {
        return views.stream().flatMap(view -> view.keys().stream()).distinct().toList();
    }

    /**
     * Fetches the rows into a table of the engine.
     *
     * @param settings how to reach them
     */
    public EntityTable load(TableEngine engine, StoreSettings settings, StepContext context)
            throws StepFailure, IOException, SQLException {
        var progress = context.progress();
        var file = context.workspace().resolve("entities");
        EntityFile.Format format;
        if (address == null) {
            feedback.write(file, engine, keys(), time, label, window, end, context);
            format = EntityFile.Format.Parquet;
        } else {
            fetch(file, settings, context);
            format = EntityFile.Format.of(file, address.replaceFirst("[?#].*", ""));
        }
        var table = new EntityFile(file, format, time, label, keys(), window, end).load(engine);
        Files.delete(file);
        progress.say("%d rows of %d columns", table.rows(), table.columns().size());
        return table;
    }

    private void fetch(Path file, StoreSettings settings, StepContext context) throws StepFailure {
        try (var store = ArtifactStore.open(settings)) {
            var uri = ArtifactUri.parse(address);
            context.progress().say("fetching %s", uri);
            var digested = store.download(uri, file, Long.MAX_VALUE);
            context.progress().say("fetched %s, sha256 %s", ByteSize.show(digested.sizeBytes()), digested.sha256());
        } catch (ArtifactException e) {
            throw StepFailure.ofSource(e);
        }
    }

    /**
     * Looks whether the keys of the views are there and have the types that the views declare.
     *
     * @throws StepFailure naming the first that hasn't
     */
    public void checkKeys(TableEngine engine, EntityTable table) throws StepFailure, SQLException {
        for (var view : views) {
            PointInTimeJoin.checkKeys(engine, table, view);
        }
    }
}
