package dev.tatara.steps.feedback;

import dev.tatara.steps.Progress;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import dev.tatara.steps.UnreadableException;
import dev.tatara.steps.tables.Column;
import dev.tatara.steps.tables.Micros;
import dev.tatara.steps.tables.RowFiles;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.SqlWords;
import dev.tatara.steps.tables.TableEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

/**
 * Predictions of the ledger with their labels, joined by request id and row. The labels come first, since they are the
 * fewer; the ledger is read a piece at a time and only what has a label stays.
 */
public final class LabelledPredictions {
    private static final String LABELS = "labels";
    private static final String JOINED = "joined";
    private static final String PREDICTIONS = "predictions";
    /** Clocks may tell nanoseconds, which DuckDB's times don't have. */
    static final String RECEIVED =
            "epoch_us(try_cast(regexp_replace(received, '(\\.\\d{6})\\d+', '\\1') as timestamptz))";

    private final StoreFolder files;
    private final TableEngine engine;
    private final Path folder;
    private final Progress progress;

    /**
     * @param files the artifact store
     * @param engine where tables are made
     * @param folder where fetched files lie for a while
     */
    public LabelledPredictions(StoreFolder files, TableEngine engine, Path folder, Progress progress) {
        this.files = files;
        this.engine = engine;
        this.folder = folder;
        this.progress = progress;
    }

    /**
     * Which predictions are wanted.
     *
     * @param namespace of the service
     * @param service its name
     * @param revisions whose predictions count; empty for all
     * @param from time of the first, exclusive
     * @param to time of the last, inclusive; also of labels
     * @param most only the latest predictions that have a label, this many
     */
    public record Wanted(
            String namespace, String service, List<String> revisions, Instant from, Instant to, long most) {
        public Wanted {
            revisions = List.copyOf(revisions);
        }
    }

    /**
     * What was joined, in a table with the columns {@code micros}, {@code prediction}, {@code raw} (the model's own
     * word for it), {@code score}, {@code keys} (of entities, as JSON) and {@code label}.
     *
     * @param table its name
     * @param rows how many
     * @param labelCount labels that were there
     * @param damaged files that can't be read, with the reason
     */
    public record Joined(String table, long rows, long labelCount, List<String> damaged) {}

    /** With labels from {@code /feedback}; the one that came last wins. */
    public Joined withFeedback(Wanted wanted) throws StepFailure, SQLException, IOException {
        // Whichever pod took the feedback, of whichever revision.
        var found = new HourlyFiles(files, "feedback", wanted.namespace, wanted.service)
                .of(List.of(), wanted.from, wanted.to);
        engine.execute(
                "create or replace table said (request_id varchar, \"row\" bigint, label varchar, received bigint)");
        var pieces = new FilePieces(files, folder.resolve("feedback"));
        pieces.read(
                found.values().stream().flatMap(List::stream).toList(),
                paths -> engine.execute("insert into said select request_id, coalesce(\"row\", 0), label, " + RECEIVED
                        + " from read_json(" + Sql.files(paths)
                        + ", format = 'newline_delimited', columns = {request_id: 'VARCHAR',"
                        + " \"row\": 'BIGINT', label: 'VARCHAR', received: 'VARCHAR'}) where request_id is not null"
                        + " and label is not null and " + RECEIVED + " <= " + Micros.of(wanted.to)));
        engine.execute("create or replace table " + LABELS
                + " as select distinct on (request_id, \"row\") request_id, \"row\", label from said"
                + " order by request_id, \"row\", received desc, label");
        engine.execute("drop table said");
        return join(wanted, pieces.damaged());
    }

    /**
     * With labels of a file that has the columns {@code request_id} and {@code label}, and perhaps {@code row}.
     *
     * @throws UnreadableException where it is no such file
     */
    public Joined withFile(Wanted wanted, Path file)
            throws StepFailure, SQLException, IOException, UnreadableException {
        var format = RowFiles.formatOf(String.valueOf(file.getFileName()))
                .orElseThrow(() ->
                        new UnreadableException("expected a file called .parquet, .csv or .json: rename the file"));
        try {
            var relation = RowFiles.relation(
                    engine, List.of(file), format, name -> name.equals("request_id") || name.equals("label"));
            var columns = Column.of(engine, "select * from " + relation);
            for (var needed : List.of("request_id", "label")) {
                if (Column.find(columns, needed).isEmpty()) {
                    throw new UnreadableException("expected the columns request_id and label (and row, for requests of"
                            + " several rows), found " + Column.names(columns));
                }
            }
            var row = Column.find(columns, "row").isPresent() ? "coalesce(try_cast(\"row\" as bigint), 0)" : "0";
            engine.execute("create or replace table " + LABELS + " as select request_id::varchar as request_id, " + row
                    + " as \"row\", arg_max(label::varchar, label::varchar) as label from " + relation
                    + " where label is not null group by all");
        } catch (SQLException e) {
            throw new UnreadableException("it can't be read: " + SqlWords.of(e, false), e);
        }
        return join(wanted, List.of());
    }

    private Joined join(Wanted wanted, List<String> damagedLabels) throws StepFailure, SQLException, IOException {
        var labels = engine.number("select count(*) from " + LABELS);
        engine.execute(
                "create or replace table " + JOINED
                        + " (micros bigint, request_id varchar, \"row\" bigint, prediction varchar, raw varchar, score double, keys varchar, label varchar)");
        var pieces = new FilePieces(files, folder.resolve("ledger"));
        if (labels > 0) {
            readLedger(wanted, pieces);
        }
        // A client may give an id twice: the later prediction is the one that it learnt of.
        engine.execute(
                "create or replace table " + PREDICTIONS + " as select micros, prediction, raw, score, keys, label from"
                        + " (select distinct on (request_id, \"row\") * from " + JOINED
                        + " order by request_id, \"row\", micros desc) order by micros desc limit "
                        + wanted.most);
        engine.execute("drop table " + JOINED);
        var rows = engine.number("select count(*) from " + PREDICTIONS);
        progress.say("%d predictions with a label, of %d labels", rows, labels);
        var damaged = new java.util.ArrayList<>(damagedLabels);
        damaged.addAll(pieces.damaged());
        damaged.forEach(one -> progress.say("left out: %s", one));
        return new Joined(PREDICTIONS, rows, labels, List.copyOf(damaged));
    }

    /** The newest hours first, and no more of them than it takes. */
    private void readLedger(Wanted wanted, FilePieces pieces) throws StepFailure, SQLException, IOException {
        var hours = new HourlyFiles(files, "ledger", wanted.namespace, wanted.service)
                .of(wanted.revisions, wanted.from, wanted.to);
        var enough = false;
        for (var hour : hours.values()) {
            pieces.read(hour, paths -> readLedger(wanted, paths));
            // Files of the hour before may hold the first minutes of this one.
            if (enough) {
                return;
            }
            enough = engine.number("select count(*) from " + JOINED) >= wanted.most;
        }
    }

    private void readLedger(Wanted wanted, List<Path> paths) throws SQLException {
        var relation = "read_parquet(" + Sql.files(paths) + ", union_by_name = true)";
        var columns = Column.of(engine, "select * from " + relation);
        // Earlier releases wrote neither of these.
        var raw = Column.find(columns, "raw").isPresent() ? "coalesce(l.raw, l.prediction)" : "l.prediction";
        var keys = Column.find(columns, "keys").isPresent() ? "l.keys" : "null";
        engine.execute(
                "insert into " + JOINED + " select epoch_us(l.time), l.request_id, l.\"row\", l.prediction, " + raw
                        + ", l.score, " + keys + ", f.label from " + relation + " l join " + LABELS
                        + " f on l.request_id = f.request_id and l.\"row\" = f.\"row\" where epoch_us(l.time) > "
                        + Micros.of(wanted.from) + " and epoch_us(l.time) <= " + Micros.of(wanted.to));
    }
}
