package dev.tatara.steps.materialize;

import static dev.tatara.steps.materialize.Workbench.DAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tatara.contracts.Materialized;
import dev.tatara.contracts.StepResult;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepFailure;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JdbcSourceIT {
    private static PostgresServer postgres;

    @TempDir
    private Path folder;

    private Workbench bench;
    private Path secret;

    @BeforeAll
    static void start() throws Exception {
        postgres = PostgresServer.start();
        try (var connection = postgres.connect();
                var statement = connection.createStatement()) {
            statement.execute("create table activity (user_id bigint, shop text, amount numeric(10,2), free numeric,"
                    + " small smallint, ratio real, flag boolean, bytes bytea, tags text[], numbers int[], id uuid,"
                    + " at timestamptz, naive timestamp, day date)");
            statement.execute(
                    "insert into activity values (1, '007', 12.50, 1.25, 3, 0.5, true, '\\x6162', '{a,\"b c\"}',"
                            + " '{1,2}', '00000000-0000-0000-0000-000000000001', '2026-02-01 12:00:00.123456+02',"
                            + " '2026-02-01 10:00:00', '2026-02-01'), (2, null, null, null, null, null, null, null, null, null,"
                            + " null, '2026-02-28 00:00:00+00', null, null)");
            statement.execute("create table many as select i as user_id, i % 100 as amount,"
                    + " timestamptz '2026-01-01 00:00:00+00' + i * interval '1 second' as at"
                    + " from generate_series(1, 50000) i");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        postgres.close();
    }

    @BeforeEach
    void prepare() throws Exception {
        bench = new Workbench(folder);
        secret = Files.createDirectory(folder.resolve("secret"));
        Files.writeString(secret.resolve("username"), PostgresServer.USER);
        Files.writeString(secret.resolve("password"), PostgresServer.PASSWORD + "\n");
    }

    @Test
    void everyTypeArrives() throws Exception {
        view("""
                features:
                  - {name: shop, type: STRING}
                  - {name: amount, type: DOUBLE}
                  - {name: free, type: DOUBLE}
                  - {name: small, type: INT32}
                  - {name: ratio, type: FLOAT}
                  - {name: flag, type: BOOL}
                  - {name: bytes, type: BYTES}
                  - {name: tags, type: STRING_LIST}
                  - {name: numbers, type: INT64_LIST}
                  - {name: id, type: STRING}
                  - {name: naive, type: UNIX_TIMESTAMP}
                  - {name: day, type: UNIX_TIMESTAMP}
                """, "select * from activity where at >= {{start}} and at <= {{end}}");
        run(DAY);

        assertThat(rows("user_id, shop, amount, free, small, ratio, flag, bytes::varchar, tags, numbers, id,"
                        + " epoch_us(\"at\"), epoch(naive)::bigint, epoch(day)::bigint"))
                .containsExactly(
                        "1 007 12.5 1.25 3 0.5 true ab [a, b c] [1, 2] 00000000-0000-0000-0000-000000000001"
                                + " 1769940000123456 1769940000 1769904000",
                        "2 null null null null null null null null null null 1772236800000000 null null");
    }

    @Test
    void theIntervalIsBoundAsTimesOrTexts() throws Exception {
        for (var query : List.of(
                "select * from many where at > {{start}} and at <= {{end}}",
                "select * from many where at > '{{start}}'::timestamptz and at <= '{{end}}'",
                "select user_id, amount, at::timestamp as at from many where at::timestamp > {{start}} and at <= {{end}}")) {
            bench = new Workbench(Files.createTempDirectory(folder, "interval"));
            view("features: [{name: amount, type: INT64}]\n", query);
            var first = run(Instant.parse("2026-01-01T01:00:00Z")).details();
            assertThat(first.rowsRead()).as(query).isEqualTo(3600);

            var second = run(Instant.parse("2026-01-01T02:00:00Z")).details();
            assertThat(second.rowsWritten()).isEqualTo(3600);
            assertThat(second.rowsRead())
                    .as("the row at the watermark is left out by the query")
                    .isEqualTo(3600);
        }
        view("features: [{name: amount, type: INT64}]\n", "select * from many");
        assertThat(run(Instant.parse("2026-01-01T02:00:00Z")).details().rows()).isEqualTo(7200);
        assertThat(run(DAY.minus(Duration.ofDays(1))).details().rows()).isEqualTo(50_000);
    }

    @Test
    void aQueryWithoutRowsGivesNone() throws Exception {
        view("features: [{name: amount, type: INT64}]\n", "select * from many where false");
        assertThat(run(DAY).details().rows()).isZero();
    }

    @Test
    void refusalsSayWhatToDo() throws Exception {
        view("features: [{name: amount, type: INT64}]\n", "select nope from many");
        assertThat(refused(Optional.of(secret)))
                .startsWith("SourceMalformed: the database refuses source.jdbc.query:")
                .contains("nope");

        view("features: [{name: amount, type: INT64, sensitive: true}]\n", "select 'alice'::int from many");
        assertThat(refused(Optional.of(secret))).doesNotContain("alice").contains("SQL state 22P02");

        view("features: [{name: amount, type: INT64}]\n", "delete from many");
        assertThat(refused(Optional.of(secret))).contains("read-only");

        assertThat(refused(Optional.empty())).startsWith("SecretMissing").contains("username and password");
        Files.writeString(secret.resolve("password"), "wrong");
        assertThat(refused(Optional.of(secret))).startsWith("SourceUnreadable").doesNotContain("wrong");

        bench.view(spec("features: [{name: amount, type: INT64}]\n", "select 1", "jdbc:postgresql://127.0.0.1:1/x"));
        assertThat(refused(Optional.empty())).startsWith("SourceUnavailable");

        bench.view(spec("features: [{name: amount, type: INT64}]\n", "select 1", postgres.url() + "?socketFactory=x"));
        assertThat(refused(Optional.empty())).startsWith("InvalidDefinition").contains("socketfactory");
    }

    private void view(String features, String query) {
        bench.view(spec(features, query, postgres.url()));
    }

    private static String spec(String features, String query, String url) {
        return features + """
                entities: [{name: user_id, type: INT64}]
                source: {timestampColumn: at, jdbc: {url: "%s", query: "%s"}}
                """.formatted(url, query);
    }

    private StepResult<Materialized> run(Instant end) throws Exception {
        return run(end, Optional.of(secret));
    }

    private StepResult<Materialized> run(Instant end, Optional<Path> credentials) throws Exception {
        var jdbc = bench.plan().source().jdbc();
        var tells = bench.plan().sensitive().isEmpty();
        var progress = new Progress(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
        return bench.run(
                new Interval.Wanted(Optional.empty(), end, false),
                store -> store,
                bench.online,
                Optional.of(
                        (fetched, interval) -> new JdbcSource(jdbc, interval, credentials, fetched, tells, progress)));
    }

    private String refused(Optional<Path> credentials) {
        var failure = catchThrowableOfType(StepFailure.class, () -> run(DAY, credentials));
        assertThat(failure).as("the run must be refused").isNotNull();
        return failure.reason() + ": " + failure.getMessage();
    }

    private List<String> rows(String columns) throws Exception {
        return Workbench.rows("select " + columns + " from read_parquet('" + bench.root
                + "/features/shop/activity/data/*') order by user_id");
    }
}
