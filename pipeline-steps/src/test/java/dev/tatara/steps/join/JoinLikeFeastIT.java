package dev.tatara.steps.join;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.featureview.ValueType;
import dev.tatara.steps.join.EntityFile.Format;
import dev.tatara.steps.join.FeatureTable.DataFile;
import dev.tatara.steps.join.FeatureTable.Feature;
import dev.tatara.steps.join.FeatureTable.JoinKey;
import dev.tatara.steps.tables.Micros;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.TableEngine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The join gives what Feast's DuckDB offline store gives, row for row, on generated data. */
class JoinLikeFeastIT {
    private static final int SEEDS = 20;

    @TempDir
    static Path generated;

    @TempDir
    Path folder;

    @BeforeAll
    static void askFeast() throws Exception {
        var command = new ArrayList<>(List.of(
                python().toString(),
                "-W",
                "ignore",
                Path.of("src", "test", "feast", "historical.py").toString(),
                generated.toString()));
        seeds().mapToObj(String::valueOf).forEach(command::add);
        var log = generated.resolve("log");
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("no_proxy", "*");
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        var process = builder.start();
        if (!process.waitFor(15, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IllegalStateException("Feast goes on and on:\n" + Files.readString(log));
        }
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    }

    private static Path python() {
        var named = System.getProperty("tatara.test.feast", "");
        var cache = Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                .filter(folder -> !folder.isEmpty())
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"));
        var python = named.isEmpty()
                ? cache.resolve(Path.of("tatara", "feast-duckdb", "current", "bin", "python"))
                : Path.of(named);
        if (!Files.isExecutable(python)) {
            throw new IllegalStateException("expected a Python with Feast at " + python
                    + ", found none: run hack/tools feast-duckdb, or set -Dtatara.test.feast");
        }
        return python;
    }

    static IntStream seeds() {
        return IntStream.rangeClosed(1, SEEDS);
    }

    private static FeatureTable view(String name, List<JoinKey> keys, String created, int hours, Feature... features) {
        return new FeatureTable(name, keys, "happened", created, Duration.ofHours(hours), List.of(features), List.of());
    }

    private static List<FeatureTable> views() {
        var user = new JoinKey("user_id", ValueType.INT64);
        var shop = new JoinKey("shop_id", ValueType.STRING);
        return List.of(
                view(
                        "user_activity",
                        List.of(user),
                        "made",
                        24,
                        Rows.feature("logins", ValueType.INT64),
                        Rows.feature("score", ValueType.DOUBLE),
                        Rows.feature("plan", ValueType.STRING)),
                view(
                        "shop_size",
                        List.of(shop),
                        null,
                        0,
                        Rows.feature("size", ValueType.INT64),
                        Rows.feature("open", ValueType.BOOL)),
                view(
                        "user_in_shop",
                        List.of(user, shop),
                        "made",
                        72,
                        Rows.feature("spent", ValueType.DOUBLE),
                        Rows.feature("score", ValueType.DOUBLE)));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void rowForRow(int seed) throws Exception {
        var data = generated.resolve(String.valueOf(seed));
        compare(data, view -> List.of(DataFile.of(data.resolve(view.name() + ".parquet"))));
    }

    /** The same rows as materializations leave them: in several files, of which each has a key and time only once. */
    @ParameterizedTest
    @MethodSource("seeds")
    void rowForRowFromSnapshots(int seed) throws Exception {
        var data = generated.resolve(String.valueOf(seed));
        compare(data, view -> snapshot(view, data.resolve(view.name() + ".parquet")));
    }

    private interface Materialized {
        List<DataFile> of(FeatureTable view) throws Exception;
    }

    private void compare(Path data, Materialized files) throws Exception {
        try (var rows = new Rows(folder, TableEngine.open(folder.resolve("spill"), 256L << 20, 2))) {
            var entities = new EntityFile(
                            data.resolve("entities.parquet"),
                            Format.Parquet,
                            "event_timestamp",
                            null,
                            List.of(),
                            null,
                            null)
                    .load(rows.engine);
            var join = new PointInTimeJoin(rows.engine, entities, false);
            for (var view : views()) {
                var matched = join.add(view.with(files.of(view)));
                assertThat(matched).as("a comparison with substance").isBetween(50L, entities.rows() - 50);
            }
            rows.engine.execute("set preserve_insertion_order = true");
            rows.engine.execute("create table ours as " + join.result().query());
            assertThat(rows.engine.number("select count(*) from ours where rowid <> row"))
                    .isZero();
            var expected = "read_parquet(" + Sql.file(data.resolve("expected.parquet")) + ")";
            assertThat(rows.engine.number("select count(*) from " + expected)).isEqualTo(entities.rows());
            assertThat(rows.rows("select o.*, e.* from ours o join " + expected + " e on o.row = e.row where "
                            + differences()))
                    .isEmpty();
            assertThat(rows.engine.number("select count(*) from ours o join " + expected + " e on o.row = e.row"))
                    .isEqualTo(entities.rows());
        }
    }

    /** Only a name of two views is prefixed in ours, every name in Feast's. */
    private static String differences() {
        return views().stream()
                .flatMap(view -> view.features().stream().flatMap(feature -> {
                    var full = view.name() + "__" + feature.column();
                    var ours = feature.column().equals("score") ? full : feature.column();
                    return Stream.of("o." + Sql.name(ours) + " is distinct from e." + Sql.name(full));
                }))
                .collect(Collectors.joining(" or "));
    }

    private List<DataFile> snapshot(FeatureTable view, Path source) throws Exception {
        var files = new ArrayList<DataFile>();
        try (var engine = TableEngine.open(folder.resolve("spill"), 256L << 20, 1)) {
            var keys = Sql.names(view.keys().stream().map(JoinKey::column).toList()) + ", happened";
            var rows = "read_parquet(" + Sql.file(source) + ", file_row_number = true)";
            var order = view.created() == null ? "file_row_number" : view.created();
            for (var third = 0; third < 3; third++) {
                var file = folder.resolve(view.name() + third + ".parquet");
                engine.execute(
                        "copy (select * exclude (third, file_row_number) from (select *, ntile(3) over (order by "
                                + order + ") as third from " + rows + ") where third = " + (third + 1)
                                + " qualify row_number() over (partition by " + keys + " order by " + order
                                + " desc) = 1 order by " + keys + ") to " + Sql.file(file) + " (format parquet)");
                var written = "read_parquet(" + Sql.file(file) + ")";
                files.add(new DataFile(
                        file,
                        Micros.instant(engine.number("select epoch_us(min(happened)) from " + written)),
                        Micros.instant(engine.number("select epoch_us(max(happened)) from " + written)),
                        true));
            }
        }
        return files;
    }
}
