package dev.tatara.steps.materialize;

import dev.tatara.contracts.FeatureSnapshot;
import dev.tatara.contracts.FeatureSnapshot.DataFile;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import dev.tatara.steps.snapshots.Snapshots;
import dev.tatara.steps.tables.Micros;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the rows of a run change: those of them that a snapshot doesn't have already, in the table {@value #TABLE}.
 * Files of the snapshot are looked at one by one, so that the disk holds one of them at a time.
 */
final class Delta {
    static final String BATCH = "batch";
    static final String TABLE = "delta";
    private static final String EARLIER = "earlier";
    private static final String KEYS = "earlier_keys";
    /** Names of columns of our own; the API's names have no spaces. */
    private static final String FILE = Sql.name("number of the file");

    private final TableEngine engine;
    private final ViewPlan view;
    private final StoreFolder store;
    private final Path shared;

    Delta(TableEngine engine, ViewPlan view, StoreFolder store, Path shared) {
        this.engine = engine;
        this.view = view;
        this.store = store;
        this.shared = shared;
    }

    /** The rows without duplicates: of one key and time the one created last. Returns their number. */
    long deduplicate() throws SQLException {
        // Counting is much cheaper than sorting, and mostly there are none.
        if (engine.number("select count(*) from (select distinct " + Sql.names(view.identity()) + " from "
                        + TypedRows.TABLE + ")")
                == engine.number("select count(*) from " + TypedRows.TABLE)) {
            engine.execute("create view " + BATCH + " as from " + TypedRows.TABLE);
        } else {
            engine.execute("create table " + BATCH + " as from " + TypedRows.TABLE + winners(Stream.empty()));
        }
        return engine.number("select count(*) from " + BATCH);
    }

    /**
     * Makes the table.
     *
     * @param base the snapshot that rows are added to; nothing: all rows are new
     * @return how many rows have a key and time that the snapshot hasn't
     */
    long make(Optional<FeatureSnapshot> base) throws SQLException, StepFailure, IOException {
        if (base.isEmpty()) {
            engine.execute("create view " + TABLE + " as from " + BATCH);
            return engine.number("select count(*) from " + BATCH);
        }
        var span = span(BATCH);
        engine.execute("create table " + EARLIER + " as select *, 0 as " + FILE + " from " + BATCH + " limit 0");
        var files = base.get().files();
        for (var number = 0; number < files.size(); number++) {
            var file = files.get(number);
            if (span.isPresent() && span.get().meets(file)) {
                insertEarlier(file, number, span.get());
            }
        }
        var winner = "(from " + EARLIER + winners(Stream.of(FILE + " desc")) + ")";
        var same = view.identity().stream()
                .map(name -> "n." + Sql.name(name) + " = e." + Sql.name(name))
                .collect(Collectors.joining(" and "));
        var equal = Stream.concat(view.created().stream(), view.featureNames().stream())
                .map(name -> "n." + Sql.name(name) + " is not distinct from e." + Sql.name(name))
                .collect(Collectors.joining(" and "));
        var notOlder = view.created()
                .map(Sql::name)
                .map(name -> "(e." + name + " is null or n." + name + " >= e." + name + ")")
                .orElse("true");
        engine.execute("create table " + TABLE + " as select n.*, e." + FILE + " is null as " + FILE + " from " + BATCH
                + " n left join " + winner + " e on " + same + " where e." + FILE + " is null or (not (" + equal
                + ") and " + notOlder + ")");
        engine.execute("drop table " + EARLIER);
        var added = engine.number("select count(*) from " + TABLE + " where " + FILE);
        engine.execute("alter table " + TABLE + " drop column " + FILE);
        return added;
    }

    /** Different keys of the snapshot's rows and of the new ones together. */
    long entities(List<DataFile> files) throws SQLException, StepFailure, IOException {
        var keys = Sql.names(view.keyNames());
        engine.execute("create table " + KEYS + " as select distinct " + keys + " from " + BATCH);
        for (var file : files) {
            var local = fetch(file);
            engine.execute("insert into " + KEYS + " select " + keys + " from read_parquet(" + Sql.file(local)
                    + ") except select " + keys + " from " + KEYS);
            Files.delete(local);
        }
        var number = engine.number("select count(*) from " + KEYS);
        engine.execute("drop table " + KEYS);
        return number;
    }

    /** All rows that count of a snapshot's files and of the new ones, as something that can stand after {@code from}. */
    String merged(List<DataFile> files) throws StepFailure, SQLException {
        var columns = columns();
        engine.execute("create table " + EARLIER + " as select " + columns + ", " + files.size() + " as " + FILE
                + " from " + TABLE);
        var parts = new ArrayList<String>(List.of("from " + EARLIER));
        for (var number = 0; number < files.size(); number++) {
            parts.add("select " + columns + ", " + number + " as " + FILE + " from read_parquet("
                    + Sql.file(fetch(files.get(number))) + ")");
        }
        return "(select " + columns + " from (" + String.join(" union all ", parts) + ")"
                + winners(Stream.of(FILE + " desc")) + ")";
    }

    /** The times of a table's oldest and newest row. */
    Optional<Span> span(String relation) throws SQLException {
        var time = Sql.name(view.eventTime());
        return engine.query(
                "select epoch_us(min(" + time + ")), epoch_us(max(" + time + ")), count(*) from " + relation,
                answer -> {
                    answer.next();
                    return answer.getLong(3) == 0
                            ? Optional.<Span>empty()
                            : Optional.of(
                                    new Span(Micros.instant(answer.getLong(1)), Micros.instant(answer.getLong(2))));
                });
    }

    /** The columns of a snapshot's files, as SQL takes them. */
    String columns() {
        return Sql.names(view.columns().stream().map(ViewPlan.Typed::name).toList());
    }

    /** A stretch of time, both ends inclusive. */
    record Span(Instant from, Instant to) {
        boolean meets(DataFile file) {
            return file.rows() > 0
                    && !file.minTimestamp().isAfter(to)
                    && !file.maxTimestamp().isBefore(from);
        }
    }

    private void insertEarlier(DataFile file, int number, Span span) throws StepFailure, SQLException, IOException {
        var local = fetch(file);
        engine.execute("insert into " + EARLIER + " select " + columns() + ", " + number + " from read_parquet("
                + Sql.file(local) + ") where " + Sql.name(view.eventTime()) + " between " + Micros.sql(span.from())
                + " and " + Micros.sql(span.to()));
        Files.delete(local);
    }

    private Path fetch(DataFile file) throws StepFailure {
        var local = shared.resolve("earlier-" + file.sha256() + ".parquet");
        if (!Files.exists(local)) {
            Snapshots.fetch(file, store, local);
        }
        return local;
    }

    /** Of the rows of one key and time the one created last; then by what else is given; then always the same one. */
    private String winners(Stream<String> also) {
        var order = Stream.of(
                        view.created().stream().map(name -> Sql.name(name) + " desc nulls last"),
                        also,
                        Stream.of("hash(" + Sql.names(view.featureNames()) + ")"))
                .flatMap(part -> part)
                .collect(Collectors.joining(", "));
        return " qualify row_number() over (partition by " + Sql.names(view.identity()) + " order by " + order
                + ") = 1";
    }
}
