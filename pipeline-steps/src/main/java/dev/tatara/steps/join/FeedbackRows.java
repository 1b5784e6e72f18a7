package dev.tatara.steps.join;

import dev.tatara.steps.ArtifactFolder;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.feedback.LabelledPredictions;
import dev.tatara.steps.feedback.LabelledPredictions.Joined;
import dev.tatara.steps.feedback.LabelledPredictions.Wanted;
import dev.tatara.steps.join.FeatureTable.JoinKey;
import dev.tatara.steps.tables.ColumnType;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.TableEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Predictions of a service, of any revision, with what turned out to be true: the keys that callers sent, the time of
 * the prediction and the label.
 *
 * @param namespace of the service
 * @param service its name
 */
public record FeedbackRows(String namespace, String service) {
    private static final int MOST_KEYS = 32;
    private static final String TYPED = """
            case when count(*) = count(try_cast(label as bigint)) and bool_and(regexp_full_match(label, '[+-]?[0-9]+')) \
            then 'BIGINT' when count(*) = count(try_cast(label as double)) then 'DOUBLE' \
            when bool_and(lower(label) in ('true', 'false')) then 'BOOLEAN' else 'VARCHAR' end""";

    /**
     * Writes the rows as Parquet.
     *
     * @param wanted the keys to take, with the types that they get where all of them fit; empty for all that callers sent
     * @param time name of the column with the time of the prediction
     * @param label name of the column with the label
     * @param window only predictions of so long before {@code end}; {@code null}: however old
     * @param end only predictions and labels of this time and before; {@code null}: now
     */
    void write(
            Path file,
            TableEngine engine,
            List<JoinKey> wanted,
            String time,
            String label,
            Duration window,
            Instant end,
            StepContext context)
            throws StepFailure, IOException, SQLException {
        var to = end == null ? Instant.now() : end;
        var folder = Files.createTempDirectory(context.workspace(), "feedback");
        var joined = new LabelledPredictions(
                        new ArtifactFolder(context.store(), context.storeUri()), engine, folder, context.progress())
                .withFeedback(new Wanted(
                        namespace,
                        service,
                        List.of(),
                        window == null ? Instant.EPOCH : to.minus(window),
                        to,
                        Long.MAX_VALUE));
        var keys = keys(
                engine, joined, wanted.stream().map(JoinKey::column).distinct().toList());
        engine.execute(
                "copy (select " + String.join(", ", columns(engine, joined, keys, wanted, time, label)) + " from "
                        + joined.table() + " where keys is not null order by micros, keys) to " + Sql.file(file)
                        + " (format parquet)");
        engine.execute("drop table " + joined.table());
    }

    private List<String> keys(TableEngine engine, Joined joined, List<String> wanted) throws StepFailure, SQLException {
        if (joined.rows() == 0) {
            throw StepFailure.rejected(
                    Reasons.NO_ROWS,
                    "no prediction of %s/%s in the window has a label: set spec.monitoring.ledger of the InferenceService,"
                                    .formatted(namespace, service)
                            + " post labels to /feedback, or widen the window");
        }
        var sent = engine.query(
                "select distinct unnest(json_keys(keys)) as key from " + joined.table()
                        + " where keys is not null order by key limit " + (MOST_KEYS + 1),
                rows -> {
                    var found = new ArrayList<String>();
                    while (rows.next()) {
                        found.add(rows.getString(1));
                    }
                    return found;
                });
        var keys = sent.stream()
                .filter(key -> wanted.isEmpty() || wanted.contains(key))
                .toList();
        if (sent.isEmpty()) {
            throw StepFailure.rejected(
                    Reasons.NO_ROWS,
                    "none of the %d predictions of %s/%s with a label brought keys of entities: only a service that looks features up (spec.features) knows them; name a file of labels with dataset.entities.uri"
                            .formatted(joined.rows(), namespace, service));
        }
        if (keys.isEmpty() || keys.size() > MOST_KEYS) {
            throw StepFailure.rejected(
                    Reasons.NO_ROWS,
                    keys.isEmpty()
                            ? "predictions of %s/%s with a label brought the keys %s, and none of %s, by which features are joined: join views by the keys that the service looks up"
                                    .formatted(namespace, service, String.join(", ", sent), String.join(", ", wanted))
                            : "predictions of %s/%s brought more than %d different keys"
                                    .formatted(namespace, service, MOST_KEYS));
        }
        return keys;
    }

    private static List<String> columns(
            TableEngine engine, Joined joined, List<String> keys, List<JoinKey> wanted, String time, String label)
            throws SQLException {
        var type = engine.query("select " + TYPED + " from " + joined.table() + " where keys is not null", rows -> {
            rows.next();
            return rows.getString(1);
        });
        var columns = new ArrayList<String>();
        for (var key : keys) {
            columns.add(typed(engine, joined, key, wanted) + " as " + Sql.name(key));
        }
        columns.add("make_timestamptz(micros) as " + Sql.name(time));
        columns.add("label::" + type + " as " + Sql.name(label));
        return columns;
    }

    /** The ledger has keys as JSON; those that the view can't take stay as they are, for the join to name. */
    private static String typed(TableEngine engine, Joined joined, String key, List<JoinKey> wanted)
            throws SQLException {
        var text = "json_extract_string(keys, " + Sql.text("$." + Sql.name(key)) + ")";
        for (var view : wanted) {
            if (view.column().equals(key)
                    && engine.number("select count(*) from " + joined.table() + " where "
                                    + ColumnType.misfit(text, "VARCHAR", view.type()))
                            == 0) {
                return ColumnType.fitted(text, "VARCHAR", view.type());
            }
        }
        return text;
    }
}
