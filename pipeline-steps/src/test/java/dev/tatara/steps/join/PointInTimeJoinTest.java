package dev.tatara.steps.join;

import static dev.tatara.steps.join.Rows.USER;
import static dev.tatara.steps.join.Rows.feature;
import static dev.tatara.steps.join.Rows.values;
import static dev.tatara.steps.join.Rows.view;
import static dev.tatara.steps.join.Rows.withCreated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.api.v1alpha1.featureview.ValueType;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.join.FeatureTable.DataFile;
import dev.tatara.steps.join.FeatureTable.Feature;
import dev.tatara.steps.join.FeatureTable.JoinKey;
import dev.tatara.steps.tables.TableEngine;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PointInTimeJoinTest {
    private static final Feature SCORE = feature("score", ValueType.DOUBLE);
    private static final Duration FOR_EVER = Duration.ZERO;

    @TempDir
    Path folder;

    @TempDir
    Path spill;

    private Rows rows;

    @BeforeEach
    void open() throws Exception {
        rows = new Rows(folder, spill);
    }

    @AfterEach
    void close() throws Exception {
        rows.close();
    }

    private static String at(String time) {
        return "timestamptz '2024-01-" + time + "Z'";
    }

    private EntityTable asked(String... rowsOfUserAndTime) throws Exception {
        return rows.entities("select i, user_id::bigint as user_id, event_timestamp from ("
                + values("i, user_id, event_timestamp", rowsOfUserAndTime) + ") order by i");
    }

    private DataFile known(String... rowsOfUserAtScore) throws Exception {
        return DataFile.of(rows.file("select user_id::bigint as user_id, happened, score::double as score from ("
                + values("user_id, happened, score", rowsOfUserAtScore) + ")"));
    }

    private List<String> scores(EntityTable entities, FeatureTable view) throws Exception {
        var join = new PointInTimeJoin(rows.engine, entities, false);
        join.add(view);
        return rows.rows("select score from (" + join.result().query() + ")");
    }

    @Test
    void theLatestRowThatIsNotAfterTheTimeCounts() throws Exception {
        var file = known(
                "1, " + at("02 00:00:00") + ", 2",
                "1, " + at("01 00:00:00") + ", 1",
                "1, " + at("03 00:00:00") + ", 3");
        var entities = asked(
                "0, 1, " + at("02 23:59:59.999999"),
                "1, 1, " + at("03 00:00:00"),
                "2, 1, " + at("01 00:00:00"),
                "3, 1, " + at("31 00:00:00"),
                "4, 2, " + at("31 00:00:00"));
        assertThat(scores(entities, view("users", FOR_EVER, List.of(SCORE), file)))
                .containsExactly("2.0", "3.0", "1.0", "3.0", "null");
    }

    @Test
    void aTimeBeforeAllRowsHasNone() throws Exception {
        var entities = asked("0, 1, " + at("01 00:00:00"));
        assertThat(scores(
                        entities,
                        view("users", FOR_EVER, List.of(SCORE), known("1, " + at("01 00:00:00.000001") + ", 1"))))
                .containsExactly("null");
    }

    @Test
    void bothEndsOfTheTtlCount() throws Exception {
        var file = known("1, " + at("10 12:00:00") + ", 1");
        var entities = asked(
                "0, 1, " + at("11 12:00:00"),
                "1, 1, " + at("11 12:00:00.000001"),
                "2, 1, " + at("10 12:00:00"),
                "3, 1, " + at("10 11:59:59.999999"));
        assertThat(scores(entities, view("users", Duration.ofDays(1), List.of(SCORE), file)))
                .containsExactly("1.0", "null", "1.0", "null");
    }

    @Test
    void anOlderRowDoesNotStandInForOneThatHasNoValue() throws Exception {
        var file = known("1, " + at("01 00:00:00") + ", 1", "1, " + at("02 00:00:00") + ", null");
        var entities = asked("0, 1, " + at("03 00:00:00"));
        assertThat(scores(entities, view("users", FOR_EVER, List.of(SCORE), file)))
                .containsExactly("null");
    }

    @Test
    void ofRowsForTheSameTimeTheOneCreatedLastCounts() throws Exception {
        var file =
                DataFile.of(rows.file("select user_id::bigint as user_id, happened, made, score::double as score from ("
                        + values(
                                "user_id, happened, made, score",
                                "1, " + at("01 00:00:00") + ", " + at("05 00:00:00") + ", 5",
                                "1, " + at("01 00:00:00") + ", " + at("09 00:00:00") + ", 9",
                                "1, " + at("01 00:00:00") + ", " + at("07 00:00:00") + ", 7",
                                "1, " + at("01 00:00:00") + ", null, 0")
                        + ")"));
        var view = withCreated(view("users", FOR_EVER, List.of(SCORE), file), "made");
        // A row that was written late is taken all the same: what counts is when it became true.
        assertThat(scores(asked("0, 1, " + at("02 00:00:00")), view)).containsExactly("9.0");
    }

    @Test
    void withoutATimeOfCreationTheRowOfTheLaterFileCounts() throws Exception {
        var first = new DataFile(
                known("1, " + at("01 00:00:00") + ", 1", "1, " + at("04 00:00:00") + ", 4")
                        .path(),
                Instant.parse("2024-01-01T00:00:00Z"),
                Instant.parse("2024-01-04T00:00:00Z"),
                true);
        var second = new DataFile(
                known("1, " + at("04 00:00:00") + ", 40", "1, " + at("06 00:00:00") + ", 60")
                        .path(),
                Instant.parse("2024-01-04T00:00:00Z"),
                Instant.parse("2024-01-06T00:00:00Z"),
                true);
        var entities = asked("0, 1, " + at("01 12:00:00"), "1, 1, " + at("04 00:00:00"), "2, 1, " + at("07 00:00:00"));
        assertThat(scores(entities, view("users", FOR_EVER, List.of(SCORE), first, second)))
                .containsExactly("1.0", "40.0", "60.0");
    }

    @Test
    void everyEntityRowStaysInItsPlaceWithOrWithoutAMatch() throws Exception {
        var file = known("1, " + at("01 00:00:00") + ", 1", "null, " + at("01 00:00:00") + ", 0", "2, null, 2");
        var entities = asked(
                "0, 2, " + at("02 00:00:00"),
                "1, 1, " + at("02 00:00:00"),
                "2, null, " + at("02 00:00:00"),
                "3, 1, null",
                "4, 1, " + at("02 00:00:00"),
                "5, 1, " + at("02 00:00:00"));
        assertThat(rows.join(entities, view("users", FOR_EVER, List.of(SCORE), file)))
                .containsExactly(
                        "0,2,2024-01-02T00:00Z,null",
                        "1,1,2024-01-02T00:00Z,1.0",
                        "2,null,2024-01-02T00:00Z,null",
                        "3,1,null,null",
                        "4,1,2024-01-02T00:00Z,1.0",
                        "5,1,2024-01-02T00:00Z,1.0");
    }

    @Test
    void severalViewsOfOneAndOfTwoEntities() throws Exception {
        var users = known("1, " + at("01 00:00:00") + ", 1", "2, " + at("01 00:00:00") + ", 2");
        var both =
                DataFile.of(rows.file("select user_id::bigint as user_id, shop, happened, spent::bigint as spent from ("
                        + values(
                                "user_id, shop, happened, spent",
                                "1, 'a', " + at("01 00:00:00") + ", 11",
                                "1, 'b', " + at("01 00:00:00") + ", 12",
                                "2, 'a', " + at("05 00:00:00") + ", 21")
                        + ")"));
        var entities = rows.entities("select user_id::bigint as user_id, shop, event_timestamp from ("
                + values(
                        "user_id, shop, event_timestamp",
                        "1, 'b', " + at("02 00:00:00"),
                        "1, 'a', " + at("02 00:00:00"),
                        "2, 'a', " + at("02 00:00:00"),
                        "2, null, " + at("09 00:00:00"))
                + ")");
        var spending = new FeatureTable(
                "spending",
                List.of(USER, new JoinKey("shop", ValueType.STRING)),
                "happened",
                null,
                FOR_EVER,
                List.of(feature("spent", ValueType.INT64)),
                List.of(both));
        assertThat(rows.join(entities, view("users", FOR_EVER, List.of(SCORE), users), spending))
                .containsExactly(
                        "1,b,2024-01-02T00:00Z,1.0,12",
                        "1,a,2024-01-02T00:00Z,1.0,11",
                        "2,a,2024-01-02T00:00Z,2.0,null",
                        "2,null,2024-01-09T00:00Z,2.0,null");
    }

    @Test
    void defaultsStandWhereAValueIsMissing() throws Exception {
        var file = known("1, " + at("01 00:00:00") + ", null", "2, " + at("01 00:00:00") + ", 2");
        var entities = asked("0, 1, " + at("02 00:00:00"), "1, 2, " + at("02 00:00:00"), "2, 3, " + at("02 00:00:00"));
        var view = view("users", Duration.ofDays(2), List.of(new Feature("score", ValueType.DOUBLE, "-1")), file);
        var join = new PointInTimeJoin(rows.engine, entities, true);
        // What has a row is matched even where a value of it is missing.
        assertThat(join.add(view)).isEqualTo(2);
        assertThat(rows.rows("select score from (" + join.result().query() + ")"))
                .containsExactly("-1.0", "2.0", "-1.0");
        assertThat(scores(rows(entities), view)).containsExactly("null", "2.0", "null");
        var wrong = view("users", FOR_EVER, List.of(new Feature("score", ValueType.DOUBLE, "none")), file);
        assertThatThrownBy(() -> new PointInTimeJoin(rows.engine, entities, true).add(wrong))
                .isInstanceOf(StepFailure.class)
                .hasMessageContainingAll("users", "score", "DOUBLE", "'none'");
    }

    /** The same entities for a second join in one engine. */
    private EntityTable rows(EntityTable entities) throws Exception {
        rows.engine.execute("drop table view0");
        return entities;
    }

    @Test
    void timesAreComparedInUtc() throws Exception {
        var plain = DataFile.of(rows.file(
                "select 1::bigint as user_id, timestamp '2024-01-02 00:00:00' as happened, 1.0::double as score"));
        for (var time : List.of(
                "timestamp '2024-01-02 00:00:00'",
                "timestamptz '2024-01-02 02:00:00+02:00'",
                "'2024-01-02T00:00:00Z'",
                "'2024-01-02T05:30:00+05:30'",
                "timestamp_ns '2024-01-02 00:00:00.000000999'",
                "date '2024-01-02'",
                "1704153600::bigint")) {
            try (var own = new Rows(folder, spill)) {
                var entities = own.entities("select 1::bigint as user_id, " + time + " as event_timestamp");
                assertThat(own.join(entities, view("users", Duration.ofMillis(1), List.of(SCORE), plain)))
                        .as(time)
                        .containsExactly("1,2024-01-02T00:00Z,1.0");
            }
        }
    }

    @Test
    void keysOfAnotherTypeAreTakenWhereTheyMeanTheSame() throws Exception {
        var file = known("7, " + at("01 00:00:00") + ", 1");
        for (var key : List.of("7::integer", "'7'", "7.0::double", "7::utinyint")) {
            try (var own = new Rows(folder, spill)) {
                var entities =
                        own.entities("select " + key + " as user_id, " + at("02 00:00:00") + " as event_timestamp");
                assertThat(own.join(entities, view("users", FOR_EVER, List.of(SCORE), file))
                                .getFirst())
                        .as(key)
                        .endsWith(",1.0");
            }
        }
        var entities = rows.entities(
                values("user_id, event_timestamp", "'seven', " + at("02 00:00:00"), "'7', " + at("02 00:00:00")));
        assertThatThrownBy(() -> rows.join(entities, view("users", FOR_EVER, List.of(SCORE), file)))
                .isInstanceOf(StepFailure.class)
                .hasMessageContainingAll("user_id", "INT64", "1 rows", "VARCHAR");
    }

    @Test
    void saysWhichColumnIsMissing() throws Exception {
        var file = known("1, " + at("01 00:00:00") + ", 1");
        var entities = asked("0, 1, " + at("02 00:00:00"));
        var shops = new FeatureTable(
                "shops",
                List.of(new JoinKey("shop", ValueType.STRING)),
                "happened",
                null,
                FOR_EVER,
                List.of(SCORE),
                List.of(file));
        assertThatThrownBy(() -> rows.join(entities, shops))
                .hasMessageContainingAll("shops", "shop", "i, user_id, event_timestamp");
        var newer = view("users", FOR_EVER, List.of(feature("rank", ValueType.INT64)), file);
        assertThatThrownBy(() -> rows.join(entities, newer)).hasMessageContainingAll("users", "rank", "materialize");
    }

    @Test
    void aViewWithoutRowsGivesNoValues() throws Exception {
        var entities = asked("0, 1, " + at("02 00:00:00"));
        assertThat(scores(entities, view("users", FOR_EVER, List.of(SCORE)))).containsExactly("null");
    }

    @Test
    void columnsOfAnyNameAreJustColumns() throws Exception {
        var file = DataFile.of(rows.file("select 1::bigint as user_id, " + at("01 00:00:00")
                + " as happened, 1 as \"t\", 2 as \"rowid\", 3 as \"a \"\"b\", 4 as \"matched\""));
        var entities = rows.entities("select 1::bigint as user_id, " + at("02 00:00:00")
                + " as event_timestamp, 5 as n, 6 as \"c0\", 7 as k0");
        var view = view(
                "odd",
                FOR_EVER,
                List.of(
                        feature("t", ValueType.INT32),
                        feature("rowid", ValueType.INT32),
                        feature("a \"b", ValueType.INT32),
                        feature("matched", ValueType.INT32)),
                file);
        assertThat(rows.join(entities, view)).containsExactly("1,2024-01-02T00:00Z,5,6,7,1,2,3,4");
    }

    @Test
    void whatIsLargerThanMemoryGivesTheSame() throws Exception {
        var file = DataFile.of(rows.file("select (hash(i) % 20000)::bigint as user_id, " + at("01 00:00:00")
                + " + to_seconds((hash(i + 7) % 2000000)::bigint) as happened, (hash(i) % 1000)::double as score,"
                + " repeat('x', 20) || i as note from range(600_000) r(i)"));
        var query = "select (hash(i * 3) % 20000)::bigint as user_id, " + at("01 00:00:00")
                + " + to_seconds((hash(i + 9) % 2000000)::bigint) as event_timestamp, i from range(300_000) r(i)";
        var view = view("users", Duration.ofDays(3), List.of(SCORE, feature("note", ValueType.STRING)), file);
        var digests = new ArrayList<String>();
        for (var engine : List.of(TableEngine.open(spill, 2L << 30, 2), TableEngine.open(spill, 64L << 20, 1))) {
            try (var own = new Rows(folder, engine)) {
                var join = new PointInTimeJoin(engine, own.entities(query), false);
                join.add(view);
                digests.addAll(own.rows("select bit_xor(hash(i, score, note)), count(note), count(*) from ("
                        + join.result().query() + ")"));
            }
        }
        assertThat(digests.get(0)).endsWith(",300000").isEqualTo(digests.get(1));
    }
}
