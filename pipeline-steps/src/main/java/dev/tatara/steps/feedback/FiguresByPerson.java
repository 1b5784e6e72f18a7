package dev.tatara.steps.feedback;

import dev.tatara.steps.Progress;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import dev.tatara.steps.tables.Column;
import dev.tatara.steps.tables.Micros;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.TableEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A figure of feedback by who asked: predictions of the ledger that say so, joined with figures by request id and row.
 * Who was sent to a side by chance is what is counted, once each, by the revision that answered first. Predictions are
 * read a piece at a time, and of them only persons and what they did stay.
 */
public final class FiguresByPerson {
    private final StoreFolder files;
    private final TableEngine engine;
    private final Path folder;
    private final Progress progress;

    /**
     * @param files the artifact store
     * @param engine where tables are made
     * @param folder where fetched files lie for a while
     */
    public FiguresByPerson(StoreFolder files, TableEngine engine, Path folder, Progress progress) {
        this.files = files;
        this.engine = engine;
        this.folder = folder;
        this.progress = progress;
    }

    /**
     * Which figures are wanted.
     *
     * @param namespace of the service
     * @param service its name
     * @param revisions the sides
     * @param from time of the first prediction, exclusive
     * @param to time of the last, inclusive; also of feedback
     * @param figure its name
     * @param settle a person counts once so long has passed since the first answer, with what came within that time;
     *     zero: with all that came so far
     */
    public record Wanted(
            String namespace,
            String service,
            List<String> revisions,
            Instant from,
            Instant to,
            String figure,
            Duration settle) {
        public Wanted {
            revisions = List.copyOf(revisions);
        }
    }

    /**
     * What was found besides persons and their values.
     *
     * @param requests rows of the ledger
     * @param anonymous of these, that don't say who asked
     * @param figures that came
     * @param unmatched of these, that belong to no prediction of somebody
     * @param both persons whom both sides answered
     * @param damaged files that can't be read, with the reason
     */
    public record Gathered(
            long requests, long anonymous, long figures, long unmatched, long both, List<String> damaged) {
        public Gathered {
            damaged = List.copyOf(damaged);
        }
    }

    /**
     * What one side's persons did.
     *
     * @param people how many
     * @param successes those with a value above 0
     * @param mean of their values; a person's value is the sum of what came
     * @param variance of the same, without bias; 0 for fewer than two
     */
    public record Sums(long people, long successes, double mean, double variance) {
        /** Of nobody. */
        public static final Sums NONE = new Sums(0, 0, 0, 0);
    }

    /** Makes the tables that {@link #sums} asks. */
    public Gathered gather(Wanted wanted) throws StepFailure, SQLException, IOException {
        var damaged = new ArrayList<String>();
        var figures = readFigures(wanted, damaged);
        engine.execute("create or replace table seen (subject varchar, revision varchar, first bigint)");
        engine.execute("create or replace table counted (requests bigint, anonymous bigint)");
        engine.execute("create or replace table matched (subject varchar, request_id varchar, \"row\" bigint,"
                + " micros bigint, amount double, received bigint)");
        var pieces = new FilePieces(files, folder.resolve("ledger"));
        for (var hour : new HourlyFiles(files, "ledger", wanted.namespace, wanted.service)
                .of(wanted.revisions, wanted.from, wanted.to)
                .values()) {
            pieces.read(hour, paths -> readLedger(wanted, paths));
        }
        damaged.addAll(pieces.damaged());
        var until = wanted.settle.isZero() ? "" : " having min(first) <= " + Micros.of(wanted.to.minus(wanted.settle));
        engine.execute("create or replace table people as select subject, arg_min(revision, first) as revision,"
                + " min(first) as first, count(distinct revision) > 1 as twice from seen group by subject" + until);
        // A client may give an id twice: the later prediction is the one that it learnt of.
        engine.execute("create or replace table outcomes as select m.subject, amount, received from"
                + " (select distinct on (request_id, \"row\") * from matched order by request_id, \"row\", micros desc) m"
                + " join people p using (subject)"
                + (wanted.settle.isZero() ? "" : " where received <= p.first + " + Micros.of(wanted.settle)));
        var gathered = new Gathered(
                engine.number("select coalesce(sum(requests), 0) from counted"),
                engine.number("select coalesce(sum(anonymous), 0) from counted"),
                figures,
                figures - engine.number("select count(*) from (select distinct request_id, \"row\" from matched)"),
                engine.number("select count(*) from people where twice"),
                damaged);
        progress.say(
                "%d people in %d predictions, %d of %d figures are theirs",
                engine.number("select count(*) from people"), gathered.requests, figures - gathered.unmatched, figures);
        damaged.forEach(one -> progress.say("left out: %s", one));
        return gathered;
    }

    private long readFigures(Wanted wanted, List<String> damaged) throws StepFailure, SQLException, IOException {
        engine.execute("create or replace table told"
                + " (request_id varchar, \"row\" bigint, amount double, received bigint)");
        var amount =
                "try_cast(json_extract_string(figures, " + Sql.text("$." + Sql.name(wanted.figure)) + ") as double)";
        var pieces = new FilePieces(files, folder.resolve("feedback"));
        // Whichever pod took the feedback, of whichever revision.
        var found = new HourlyFiles(files, "feedback", wanted.namespace, wanted.service)
                .of(List.of(), wanted.from, wanted.to);
        pieces.read(
                found.values().stream().flatMap(List::stream).toList(),
                paths -> engine.execute("insert into told select request_id, coalesce(\"row\", 0), " + amount + ", "
                        + LabelledPredictions.RECEIVED + " from read_json(" + Sql.files(paths)
                        + ", format = 'newline_delimited', columns = {request_id: 'VARCHAR', \"row\": 'BIGINT',"
                        + " figures: 'JSON', received: 'VARCHAR'}) where request_id is not null and " + amount
                        + " is not null and " + LabelledPredictions.RECEIVED + " <= " + Micros.of(wanted.to)));
        damaged.addAll(pieces.damaged());
        engine.execute("create or replace table figures as select distinct on (request_id, \"row\") * from told"
                + " order by request_id, \"row\", received desc, amount");
        engine.execute("drop table told");
        return engine.number("select count(*) from figures");
    }

    private void readLedger(Wanted wanted, List<Path> paths) throws SQLException {
        var relation = "read_parquet(" + Sql.files(paths) + ", union_by_name = true)";
        // Earlier releases don't have it, nor do pods that aren't routed.
        var hasSubject = Column.find(Column.of(engine, "select * from " + relation), "subject")
                .isPresent();
        var rows = "(select epoch_us(time) as micros, request_id, \"row\", revision, "
                + (hasSubject ? "subject" : "null::varchar as subject") + " from " + relation
                + " where epoch_us(time) > " + Micros.of(wanted.from) + " and epoch_us(time) <= "
                + Micros.of(wanted.to) + ")";
        // One statement for all that a piece brings: a piece is taken whole or not at all.
        engine.execute("create or replace temp table piece as select l.*, f.amount, f.received from " + rows
                + " l left join figures f on l.request_id = f.request_id and l.\"row\" = f.\"row\"");
        engine.execute("insert into counted select count(*), count(*) - count(subject) from piece");
        engine.execute("insert into seen select subject, revision, min(micros) from piece where subject is not null"
                + " group by subject, revision");
        engine.execute("insert into matched select subject, request_id, \"row\", micros, amount, received from piece"
                + " where subject is not null and amount is not null");
    }

    /**
     * What is known of each side.
     *
     * @param upTo only who came and what came until then
     * @return by revision; a side without people is absent
     */
    public Map<String, Sums> sums(Instant upTo) throws SQLException {
        var until = Micros.of(upTo);
        return engine.query(
                "select revision, count(*), count(*) filter (amount > 0), avg(amount), coalesce(var_samp(amount), 0)"
                        + " from (select p.subject, any_value(p.revision) as revision, coalesce(sum(o.amount), 0) as amount"
                        + " from people p left join outcomes o on o.subject = p.subject and o.received <= " + until
                        + " where p.first <= " + until + " group by p.subject) group by revision order by revision",
                rows -> {
                    var sums = new LinkedHashMap<String, Sums>();
                    while (rows.next()) {
                        sums.put(
                                rows.getString(1),
                                new Sums(rows.getLong(2), rows.getLong(3), rows.getDouble(4), rows.getDouble(5)));
                    }
                    return sums;
                });
    }
}
