package dev.tatara.steps.materialize;

import static dev.tatara.steps.materialize.Workbench.DAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tatara.contracts.Outcome;
import dev.tatara.steps.StepFailure;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowsOfSourcesTest {
    private static final String ALL_TYPES = """
            entities: [{name: shop, type: STRING}, {name: user_id, type: INT64}]
            features:
              - {name: bytes, type: BYTES}
              - {name: text, type: STRING}
              - {name: small, type: INT32}
              - {name: large, type: INT64}
              - {name: single, type: FLOAT}
              - {name: precise, type: DOUBLE}
              - {name: flag, type: BOOL}
              - {name: moment, type: UNIX_TIMESTAMP}
              - {name: numbers, type: INT64_LIST}
              - {name: texts, type: STRING_LIST}
            source: {uri: 's3://raw/*', timestampColumn: at}
            """;
    private static final String ROWS = "select * from (values"
            + " ('007', 1, 'a', '2024-01-01', 5, 5000000000, 0.5, 0.1, true, timestamp '2026-01-01 10:00:00', [1, 2],"
            + " ['x', 'y'], timestamp '2026-02-01 00:00:00'),"
            + " ('008', 2, null, null, null, null, null, null, null, null, null, null, timestamp '2026-02-02 12:30:00'))"
            + " t(shop, user_id, bytes, \"text\", small, \"large\", single, precise, flag, moment, numbers, texts,"
            + " \"at\")";
    private static final String SMALL = """
            entities: [{name: user_id, type: INT64}]
            features: [{name: amount, type: INT32}%s]
            source: {uri: 's3://raw/*', timestampColumn: at%s}
            """;

    @TempDir
    private Path folder;

    private Workbench bench;

    @BeforeEach
    void prepare() throws Exception {
        bench = new Workbench(folder);
    }

    @Test
    void theSameRowsInEveryFormatGiveTheSameSnapshot() throws Exception {
        var digests = new TreeSet<String>();
        for (var ending : List.of("parquet", "csv", "json", "jsonl.gz")) {
            var other = new Workbench(Files.createDirectory(folder.resolve(ending)))
                    .view(ALL_TYPES)
                    .files("*");
            other.write(
                    "rows." + ending,
                    // A table of CSV has no lists: they are written as JSON.
                    ending.equals("csv")
                            ? "select * replace (to_json(numbers) as numbers, to_json(texts) as texts) from (" + ROWS
                                    + ")"
                            : ROWS);
            other.run(DAY);
            digests.add(other.snapshot(1).files().getFirst().sha256());
            assertThat(rows(other, "shop, \"text\", \"large\", flag, epoch_us(moment), numbers[2], texts[1]"))
                    .as(ending)
                    .containsExactly(
                            "007 2024-01-01 5000000000 true 1767261600000000 2 x", "008 null null null null null null");
            assertThat(types(other))
                    .containsExactly(
                            "shop VARCHAR",
                            "user_id BIGINT",
                            "at TIMESTAMP WITH TIME ZONE",
                            "bytes BLOB",
                            "text VARCHAR",
                            "small INTEGER",
                            "large BIGINT",
                            "single FLOAT",
                            "precise DOUBLE",
                            "flag BOOLEAN",
                            "moment TIMESTAMP WITH TIME ZONE",
                            "numbers BIGINT[]",
                            "texts VARCHAR[]");
        }
        assertThat(digests).hasSize(1);
    }

    @Test
    void filesMayDifferInColumnsAndTypesAndLieInFolders() throws Exception {
        bench.view(SMALL.formatted(", {name: city, type: STRING}", "")).files("year=*/part-*.csv");
        Files.createDirectories(bench.raw.resolve("year=2025"));
        Files.createDirectories(bench.raw.resolve("year=2026"));
        Files.writeString(bench.raw.resolve("year=2025/part-1.csv"), "user_id,amount,at\n1,5,2025-05-01\n");
        Files.writeString(
                bench.raw.resolve("year=2026/part-1.csv"),
                "at,user_id,city,amount,more\n2026-01-01T00:00:00+02:00,2,Bonn,7.0,x\n");
        Files.writeString(bench.raw.resolve("year=2026/other.csv"), "nothing\n");
        for (var i = 2; i < 8; i++) {
            Files.writeString(
                    bench.raw.resolve("year=2026/part-" + i + ".csv"), "user_id,at\n" + i + "0,2026-01-0" + i + "\n");
        }
        bench.run(DAY);

        assertThat(rows(bench, "user_id, amount, city, epoch(\"at\")::bigint"))
                .startsWith("1 5 null 1746057600", "2 7 Bonn 1767218400")
                .hasSize(8);
        assertThat(bench.said()).contains("columns that the view doesn't name, left out: more");
    }

    @Test
    void columnsAreRenamed() throws Exception {
        bench.view(SMALL.formatted("", ", fieldMapping: {userId: user_id, Betrag: amount, wann: at}"))
                .files("*");
        bench.write(
                "1.parquet", "select 1 as \"userId\", 2 as \"Betrag\", 99 as amount, timestamp '2026-01-01' as wann");
        bench.run(DAY);

        assertThat(rows(bench, "user_id, amount")).containsExactly("1 2");
    }

    @Test
    void aTransformationSeesAllRowsOfTheSource() throws Exception {
        bench.view(SMALL.formatted(
                        "",
                        ", sql: 'with days as (select user_id, date_trunc(\'\'day\'\', \"at\") as day, count(*) as n"
                                + " from source group by all) select user_id, day as \"at\", sum(n) over (partition by"
                                + " user_id order by day)::int as amount from days;'"))
                .files("*");
        bench.write(
                "1.parquet",
                "select 1 as user_id, timestamp '2026-02-01' + interval (i) hour as \"at\" from range(48) r(i)");
        bench.run(Instant.parse("2026-02-01T23:00:00Z"));
        bench.run(DAY);

        assertThat(rows(bench, "user_id, amount, day(\"at\")"))
                .as("the second day's count goes on from the first day's")
                .contains("1 48 2");
    }

    @Test
    void aTransformationThatFailsSaysWhatIsThere() throws Exception {
        bench.view(SMALL.formatted("", ", sql: 'select nope from source'")).files("*");
        bench.write("1.parquet", "select 1 as user_id, 'x' as city");
        assertThat(refused())
                .startsWith("TransformationFailed: source.sql of FeatureView activity: Binder Error: Referenced column"
                        + " \"nope\" not found in FROM clause!; Candidate bindings: ")
                .endsWith(". The table source has the columns user_id INTEGER, city VARCHAR");

        bench.view(SMALL.formatted("", ", sql: \"select * from read_text('/etc/hostname')\""));
        assertThat(refused()).contains("TransformationFailed").contains("disabled by configuration");
    }

    @Test
    void missingColumnsAreListedWithWhatIsThere() throws Exception {
        bench.view(SMALL.formatted("", "")).files("*");
        bench.write("1.parquet", "select 1 as userid, 2 as sum, timestamp '2026-01-01' as \"at\"");

        assertThat(refused())
                .isEqualTo("ColumnsMissing: FeatureView activity needs the columns user_id, amount, which the source"
                        + " doesn't have; there are userid INTEGER, sum INTEGER, at TIMESTAMP. Name them with"
                        + " source.fieldMapping, or make them with source.sql");
    }

    @Test
    void valuesThatDontFitAreCountedAndShown() throws Exception {
        bench.view(SMALL.formatted(", {name: secret, type: INT64, sensitive: true}", ""))
                .files("*");
        bench.write(
                "1.parquet",
                "select i as user_id, case when i = 3 then 1.5 when i = 4 then 3e9 else i end::double as amount,"
                        + " case when i = 5 then 'alice' else i::varchar end as secret,"
                        + " timestamp '2026-01-01' as \"at\" from range(10) r(i)");

        assertThat(refused())
                .startsWith("ValuesDoNotFit: FeatureView activity: amount in 2 of 10 rows is no INT32 (its type in the"
                        + " source is DOUBLE), for example '1.5'; secret in 1 of 10 rows is no INT64 (its type in the"
                        + " source is VARCHAR).")
                .doesNotContain("alice");
        assertThat(bench.said()).doesNotContain("alice");
        assertThat(bench.contents()).isEmpty();
    }

    @Test
    void wordsOfTheEngineAreLeftOutWhereTheyMayTellSensitiveValues() throws Exception {
        bench.view(SMALL.formatted(
                        ", {name: secret, type: INT64, sensitive: true}",
                        ", sql: 'select user_id, 1 as amount, city::int as secret, \"at\" from source'"))
                .files("*");
        bench.write("1.parquet", "select 1 as user_id, 'alice' as city, timestamp '2026-01-01' as \"at\"");

        assertThat(refused())
                .contains("Conversion Error (its words are left out")
                .doesNotContain("alice");
    }

    @Test
    void rowsWithoutKeyOrTimeAreRefused() throws Exception {
        bench.view(SMALL.formatted("", "")).files("*");
        bench.write(
                "1.parquet",
                "select nullif(i, 2) as user_id, 1 as amount, case when i > 6 then null else timestamp '2026-01-01' end"
                        + " as \"at\" from range(10) r(i)");

        assertThat(refused())
                .startsWith("KeysMissing: FeatureView activity: user_id is absent in 1 of 10 rows; at is absent in 3 of"
                        + " 10 rows.");
    }

    @Test
    void filesThatAreNoneAreRefused() throws Exception {
        bench.view(SMALL.formatted("", "")).files("*.parquet");
        assertThat(refused()).startsWith("SourceNotFound: expected files such as file://");

        Files.writeString(bench.raw.resolve("1.parquet"), "PAR1 but no more");
        assertThat(refused()).startsWith("SourceMalformed: the source of FeatureView activity can't be read as rows:");

        bench.files("*.xyz");
        Files.writeString(bench.raw.resolve("1.xyz"), "?");
        assertThat(refused()).contains("doesn't tell its format: set source.format");
    }

    @Test
    void numbersAsTimesAreSeconds() throws Exception {
        bench.view(SMALL.formatted("", "")).files("*");
        bench.write("1.parquet", "select 1 as user_id, 2 as amount, 1767225600 as \"at\"");
        bench.run(DAY);
        assertThat(bench.snapshot(1).watermark()).isEqualTo("2026-01-01T00:00:00Z");

        bench.write("1.parquet", "select 1 as user_id, 2 as amount, 1767225600000 as \"at\"");
        assertThat(refused()).contains("at in 1 of 1 rows is no UNIX_TIMESTAMP").contains("1767225600000");
    }

    @Test
    void definitionsThatMakeNoSenseAreRefused() throws Exception {
        bench.write("1.parquet", "select 1 as user_id, 2 as amount, timestamp '2026-01-01' as \"at\"");
        for (var sense : List.of(
                SMALL.formatted(", {name: Amount, type: INT64}", ""),
                SMALL.formatted(", {name: user_id, type: INT64}", ""),
                SMALL.formatted(", {name: other, type: DECIMAL}", ""),
                SMALL.formatted("", "") + "checks: [{type: NullRatio, column: nope, max: 0}]",
                SMALL.formatted("", "") + "checks: [{type: Regex, column: user_id, pattern: '('}]",
                SMALL.formatted("", "") + "checks: [{type: Novel, column: user_id}]",
                SMALL.formatted("", "") + "engine: {type: Spark, spark: {image: x}}")) {
            bench.view(sense);
            assertThat(refused()).as(sense).startsWith("InvalidDefinition: ");
        }
    }

    @Test
    void whenACheckBlocksNothingIsWritten() throws Exception {
        bench.view(SMALL.formatted("", "") + """
                checks:
                  - {type: Range, column: amount, min: 0, max: 5, onFailure: Block}
                  - {type: RowCount, min: 100, onFailure: Log}
                online: {enabled: true, redis: {secretRef: {name: redis}}}
                """);
        bench.write(
                "1.parquet",
                "select i as user_id, i::int as amount, timestamp '2026-01-01' as \"at\" from range(10) r(i)");
        var result = bench.run(DAY);

        assertThat(result.outcome()).isEqualTo(Outcome.Rejected);
        assertThat(result.reason()).isEqualTo("ChecksFailed");
        assertThat(result.message())
                .startsWith("nothing was written, because checks with onFailure: Block failed: Range of amount: 9, the"
                        + " last good value is 5 (4 violations); RowCount: 10, the last good value is 100");
        assertThat(result.details().checks()).hasSize(2);
        assertThat(result.details().rowsRead()).isEqualTo(10);
        assertThat(bench.contents()).isEmpty();
        assertThat(bench.online.newest).isEmpty();

        bench.view(SMALL.formatted("", "") + "checks: [{type: Range, column: amount, max: 5}]");
        var alerted = bench.run(DAY);
        assertThat(alerted.outcome()).isEqualTo(Outcome.Succeeded);
        assertThat(alerted.message()).contains("checks that failed: Range of amount");
        assertThat(bench.snapshot(1).checks()).hasSize(1);
    }

    @Test
    void theOnlineStoreGetsTheNewestRowOfEachKeyWithJavasTypes() throws Exception {
        bench.view(ALL_TYPES + "online: {enabled: true, redis: {secretRef: {name: redis}}}\n")
                .files("*");
        bench.write("1.parquet", ROWS);
        bench.write(
                "2.parquet",
                ROWS.replace("2026-02-01 00:00:00", "2026-02-01 00:00:01").replace("0.1,", "0.2,"));
        var details = bench.run(DAY).details();

        assertThat(details.onlineWritten()).isEqualTo(2);
        var row = bench.online.newest.get("[007, 1]");
        assertThat(row.eventTime()).isEqualTo("2026-02-01T00:00:01Z");
        assertThat(row.values().getFirst()).isEqualTo("a".getBytes(StandardCharsets.UTF_8));
        assertThat(row.values().subList(1, 10))
                .isEqualTo(Arrays.asList(
                        "2024-01-01",
                        5,
                        5_000_000_000L,
                        0.5f,
                        0.2,
                        true,
                        Instant.parse("2026-01-01T10:00:00Z"),
                        List.of(1L, 2L),
                        List.of("x", "y")));
        assertThat(bench.online.newest.get("[008, 2]").values()).containsOnlyNulls();
    }

    private String refused() {
        var failure = catchThrowableOfType(StepFailure.class, () -> bench.run(DAY));
        assertThat(failure).as("the run must be refused").isNotNull();
        return failure.reason() + ": " + failure.getMessage();
    }

    private static List<String> rows(Workbench bench, String columns) throws Exception {
        return Workbench.rows("select " + columns + " from read_parquet('" + bench.root
                + "/features/shop/activity/data/*')" + " order by user_id");
    }

    private static List<String> types(Workbench bench) throws Exception {
        return Workbench.rows("select column_name || ' ' || column_type from (describe from read_parquet('" + bench.root
                + "/features/shop/activity/data/*'))");
    }
}
