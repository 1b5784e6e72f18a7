package dev.tatara.bench.join;

import dev.tatara.api.v1alpha1.featureview.ValueType;
import dev.tatara.steps.join.DatasetWriter;
import dev.tatara.steps.join.EntityFile;
import dev.tatara.steps.join.FeatureTable;
import dev.tatara.steps.join.FeatureTable.DataFile;
import dev.tatara.steps.join.FeatureTable.Feature;
import dev.tatara.steps.join.FeatureTable.JoinKey;
import dev.tatara.steps.join.PointInTimeJoin;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.TableEngine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What bench/join measures, one thing a process. */
public final class JoinBench {
    private static final int VIEWS = 3;
    private static final int FEATURES = 4;

    private final Path data;
    private final TableEngine engine;

    private JoinBench(Path data, TableEngine engine) {
        this.data = data;
        this.engine = engine;
    }

    /** {@code data|bare|ours|check DATA WORK MEMORY THREADS [ROWS]}. */
    public static void main(String[] arguments) throws Exception {
        var work = Path.of(arguments[2]);
        var spill = Files.createDirectories(work.resolve("spill"));
        try (var engine = TableEngine.open(spill, Long.parseLong(arguments[3]), Integer.parseInt(arguments[4]))) {
            var bench = new JoinBench(Path.of(arguments[1]), engine);
            switch (arguments[0]) {
                case "data" -> bench.generate(Long.parseLong(arguments[5]));
                case "bare" -> bench.bare(work);
                case "ours" -> bench.ours(work);
                case "check" -> System.out.println(bench.digest(Path.of(arguments[5])));
                default -> throw new IllegalArgumentException(arguments[0]);
            }
        }
    }

    private Path view(int number) {
        return data.resolve("view" + number + ".parquet");
    }

    private Path entities() {
        return data.resolve("entities.parquet");
    }

    private static String feature(int view, int number) {
        return "v" + view + "_f" + number;
    }

    /** A year of rows for a tenth as many users as entity rows, sorted as a materialization leaves them. */
    private void generate(long rows) throws Exception {
        var users = Math.max(1, rows / 10);
        engine.execute("set preserve_insertion_order = true");
        engine.execute("copy (select i as id, (hash(i * 7 + 1) % " + users + ")::bigint as user_id,"
                + " timestamptz '2024-01-01 00:00:00Z' + to_seconds((hash(i * 13 + 5) % 31536000)::bigint) as event_timestamp,"
                + " (hash(i) % 2)::int as label from range(" + rows + ") r(i)) to " + Sql.file(entities())
                + " (format parquet)");
        for (var view = 1; view <= VIEWS; view++) {
            var number = view;
            var features = IntStream.rangeClosed(1, FEATURES)
                    .mapToObj(f -> "(hash(i * " + (31 * number + f) + ") % 1000000007) / 1e9 as " + feature(number, f))
                    .collect(Collectors.joining(", "));
            engine.execute("copy (select (hash(i * 3 + " + view + ") % " + users + ")::bigint as user_id,"
                    + " timestamptz '2024-01-01 00:00:00Z' + to_microseconds((hash(i * 17 + " + view
                    + ") % 31536000000000)::bigint) as event_timestamp, " + features + " from range(" + 2 * rows
                    + ") r(i) order by user_id, event_timestamp) to " + Sql.file(view(view)) + " (format parquet)");
        }
    }

    /** What one would write by hand: no order, no time to live, no check. */
    private void bare(Path work) throws Exception {
        var joins = IntStream.rangeClosed(1, VIEWS)
                .mapToObj(v -> " asof left join " + Sql.file(view(v)) + " v" + v + " on e.user_id = v" + v
                        + ".user_id and e.event_timestamp >= v" + v + ".event_timestamp")
                .collect(Collectors.joining());
        var features = IntStream.rangeClosed(1, VIEWS)
                .boxed()
                .flatMap(v -> IntStream.rangeClosed(1, FEATURES).mapToObj(f -> feature(v, f)))
                .collect(Collectors.joining(", "));
        engine.execute("copy (select e.*, " + features + " from " + Sql.file(entities()) + " e" + joins + ") to "
                + Sql.file(work.resolve("dataset.parquet")) + " (format parquet)");
    }

    /** The library, from the same files to the same rows, in the entities' order and with a time to live. */
    private void ours(Path work) throws Exception {
        var entities = new EntityFile(
                        entities(), EntityFile.Format.Parquet, "event_timestamp", "label", List.of(), null, null)
                .load(engine);
        var join = new PointInTimeJoin(engine, entities, true);
        for (var v = 1; v <= VIEWS; v++) {
            var number = v;
            var features = IntStream.rangeClosed(1, FEATURES)
                    .mapToObj(f -> new Feature(feature(number, f), ValueType.DOUBLE, null))
                    .toList();
            var file = new DataFile(
                    view(v), Instant.parse("2024-01-01T00:00:00Z"), Instant.parse("2025-01-01T00:00:00Z"), true);
            join.add(new FeatureTable(
                    "view" + v,
                    List.of(new JoinKey("user_id", ValueType.INT64)),
                    "event_timestamp",
                    null,
                    Duration.ofDays(3650),
                    features,
                    List.of(file)));
        }
        new DatasetWriter(engine, join.result(), work).writeAll();
    }

    /** The same for the same rows in whatever order. */
    private String digest(Path file) throws Exception {
        var rows = "read_parquet(" + Sql.file(file) + ")";
        return engine.query(
                "select count(*) || ' ' || bit_xor(hash(t)) || ' ' || sum(hash(t)::hugeint) from " + rows + " t",
                row -> {
                    row.next();
                    return row.getString(1);
                });
    }
}
