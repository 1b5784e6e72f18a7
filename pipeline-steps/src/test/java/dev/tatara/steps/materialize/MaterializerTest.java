package dev.tatara.steps.materialize;

import static dev.tatara.steps.materialize.Workbench.DAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.contracts.Outcome;
import dev.tatara.steps.MortalFolder;
import dev.tatara.steps.StepFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaterializerTest {
    private static final String VIEW = """
            entities: [{name: user, joinKey: user_id, type: INT64}]
            features: [{name: logins, type: INT64}, {name: spend, type: DOUBLE}]
            source: {uri: 's3://raw/*.parquet', timestampColumn: at}
            """;
    private static final String WITH_CREATED = """
            entities: [{name: user, joinKey: user_id, type: INT64}]
            features: [{name: logins, type: INT64}]
            source: {uri: 's3://raw/*.parquet', timestampColumn: at, createdTimestampColumn: made}
            online: {enabled: true, redis: {secretRef: {name: redis}}}
            snapshots: {keep: 2}
            """;

    @TempDir
    private Path folder;

    private Workbench bench;

    @BeforeEach
    void prepare() throws IOException {
        bench = new Workbench(folder).view(VIEW);
    }

    @Test
    void rowsAreAddedToTheSnapshotBefore() throws Exception {
        bench.write("1.parquet", values("(1, 10, 1.5, '2026-02-27'), (2, 20, 2.5, '2026-02-28')"));
        var first = bench.run(DAY).details();

        assertThat(first.number()).isEqualTo(1);
        assertThat(first.rows()).isEqualTo(2);
        assertThat(first.entities()).isEqualTo(2);
        assertThat(first.rowsRead()).isEqualTo(2);
        assertThat(first.watermark()).isEqualTo("2026-02-28T00:00:00Z");
        assertThat(first.freshnessSeconds()).isEqualTo(86_400);
        assertThat(first.onlineWritten()).as("no online store is wanted").isNull();

        bench.write("2.parquet", values("(1, 11, 1.75, '2026-03-01 12:00:00')"));
        var second = bench.run(DAY.plus(Duration.ofDays(1))).details();

        assertThat(second.number()).isEqualTo(2);
        assertThat(second.rows()).isEqualTo(3);
        assertThat(second.entities()).isEqualTo(2);
        assertThat(second.rowsWritten()).isEqualTo(1);
        var snapshot = bench.snapshot(2);
        assertThat(snapshot.files()).hasSize(2);
        assertThat(snapshot.files().getFirst())
                .isEqualTo(bench.snapshot(1).files().getFirst());
        assertThat(bench.rowsOf(snapshot, "user_id, \"at\", logins, spend", null))
                .containsExactly(
                        "1 2026-02-27T00:00Z 10 1.5", "1 2026-03-01T12:00Z 11 1.75", "2 2026-02-28T00:00Z 20 2.5");
    }

    @Test
    void whenNothingIsNewNothingIsWritten() throws Exception {
        bench.write("1.parquet", values("(1, 10, 1.5, '2026-02-27')"));
        bench.run(DAY);
        var before = bench.contents();

        var again = bench.run(DAY);
        var later = bench.run(DAY.plus(Duration.ofHours(1)));
        var fully = bench.runFully(DAY.plus(Duration.ofHours(2)));

        assertThat(bench.contents()).isEqualTo(before);
        for (var result : List.of(again, later, fully)) {
            assertThat(result.details().number()).isEqualTo(1);
            assertThat(result.details().rowsWritten()).isZero();
        }
    }

    @Test
    void aSourceWithoutRowsGivesAnEmptySnapshotToStartFrom() throws Exception {
        bench.write("1.parquet", values("(1, 10, 1.5, '2026-03-05')"));
        var empty = bench.run(DAY).details();

        assertThat(empty.number()).isEqualTo(1);
        assertThat(empty.rows()).isZero();
        assertThat(empty.watermark()).isNull();
        assertThat(bench.run(DAY.plus(Duration.ofDays(5))).details().rows()).isEqualTo(1);
    }

    @Test
    void theFirstTimeRowsAreTakenAsFarBackAsTheyCount() throws Exception {
        bench.view(VIEW + "ttl: 24h\n");
        bench.write(
                "1.parquet",
                values("(1, 1, 0, '2026-02-27 23:59:59'), (2, 2, 0, '2026-02-28 00:00:00'), (3, 3, 0, '2026-03-01'),"
                        + " (4, 4, 0, '2026-03-01 00:00:01')"));
        bench.run(DAY);

        assertThat(bench.rowsOf(bench.snapshot(1), "user_id", null)).containsExactly("2", "3");
    }

    @Test
    void lookbackTakesRowsThatComeLateAndWhatTheyChange() throws Exception {
        bench.view(VIEW + "materialization: {lookback: 2d}\n");
        bench.write("1.parquet", values("(1, 10, 1, '2026-02-27'), (2, 20, 2, '2026-02-28')"));
        bench.run(DAY);
        bench.write("2.parquet", values("(1, 99, 1, '2026-02-25'), (3, 30, 3, '2026-02-27')"));
        bench.write("1.parquet", values("(1, 11, 1, '2026-02-27'), (2, 20, 2, '2026-02-28')"));

        var result = bench.run(DAY.plus(Duration.ofDays(1))).details();

        assertThat(result.rows()).isEqualTo(3);
        assertThat(result.rowsWritten())
                .as("one is new, one has changed, one is older than the lookback")
                .isEqualTo(2);
        assertThat(bench.rowsOf(bench.snapshot(2), "user_id, logins", null)).containsExactly("1 11", "2 20", "3 30");
    }

    @Test
    void withTimesOfCreationRowsAreTakenWhenTheyCome() throws Exception {
        bench.view(WITH_CREATED);
        bench.write("1.parquet", created("(1, 10, '2026-02-20', '2026-02-20'), (2, 20, '2026-02-28', '2026-02-28')"));
        bench.run(DAY);
        bench.write(
                "2.parquet",
                created("(1, 11, '2026-02-20', '2026-03-01 10:00:00'), (1, 12, '2026-02-20', '2026-03-01 09:00:00'),"
                        + " (3, 30, '2026-01-01', '2026-03-01 11:00:00'), (2, 19, '2026-02-28', '2026-02-01'),"
                        + " (4, 40, '2026-02-01', '2026-03-04'), (5, 50, '2026-03-04', '2026-02-28')"));
        bench.run(DAY.plus(Duration.ofDays(1)));

        assertThat(bench.rowsOf(bench.snapshot(2), "user_id, logins", "made")).containsExactly("1 11", "2 20", "3 30");

        bench.run(DAY.plus(Duration.ofDays(4)));

        assertThat(bench.rowsOf(bench.snapshot(3), "user_id, logins", "made"))
                .containsExactly("1 11", "2 20", "3 30", "4 40", "5 50");
        assertThat(bench.snapshot(3).rows()).isEqualTo(5);
        assertThat(bench.online.newest.get("[2]").values()).containsExactly(20L);
    }

    @Test
    void ofSeveralRowsForAKeyAndTimeOneCounts() throws Exception {
        bench.view(WITH_CREATED);
        bench.write(
                "1.parquet",
                created("(1, 10, '2026-02-20', '2026-02-21'), (1, 12, '2026-02-20', '2026-02-23'),"
                        + " (1, 11, '2026-02-20', '2026-02-22'), (1, 13, '2026-02-20', null)"));
        var result = bench.run(DAY).details();

        assertThat(result.rowsRead()).isEqualTo(4);
        assertThat(result.rows()).isEqualTo(1);
        assertThat(bench.rowsOf(bench.snapshot(1), "logins", "made")).containsExactly("12");
    }

    @Test
    void theBytesDependOnNeitherThreadsNorTheOrderOfRows() throws Exception {
        var rows = "select (i * 7919) % 5000 as user_id, i as logins, i / 3 as spend,"
                + " timestamp '2026-01-01' + interval (i % 1000) minute as \"at\" from range(300000) r(i)";
        bench.write("1.parquet", rows + " order by i");
        bench.threads(1).run(DAY);
        var first = bench.contents();
        var other = new Workbench(Files.createDirectory(folder.resolve("other"))).view(VIEW);
        other.write("1.parquet", rows + " where i % 2 = 1 order by hash(i)");
        other.write("2.parquet", rows + " where i % 2 = 0 order by i desc");
        other.threads(4).run(DAY);

        assertThat(other.contents()).isEqualTo(first);
    }

    @Test
    void aChangedDefinitionStartsAnew() throws Exception {
        bench.write("1.parquet", values("(1, 10, 1.5, '2026-02-20'), (2, 20, 2.5, '2026-02-28')"));
        bench.view(VIEW + "ttl: 2d\n").run(DAY);
        assertThat(bench.snapshot(1).rows()).isEqualTo(1);

        bench.view(VIEW.replace("{name: spend, type: DOUBLE}", "{name: spend, type: FLOAT}"));
        var result = bench.run(DAY.plus(Duration.ofHours(1))).details();

        assertThat(result.number()).isEqualTo(2);
        assertThat(result.rows()).as("everything is taken").isEqualTo(2);
        assertThat(bench.snapshot(2).files()).hasSize(1);
    }

    @Test
    void anOlderStretchIsFilledInWithoutTurningBackTheTime() throws Exception {
        bench.view(VIEW + "ttl: 1d\n");
        bench.write("1.parquet", values("(1, 10, 1, '2026-02-20'), (2, 20, 2, '2026-02-28 12:00:00')"));
        bench.run(DAY);
        var wanted = new Interval.Wanted(
                Optional.of(Instant.parse("2026-02-19T00:00:00Z")), Instant.parse("2026-02-21T00:00:00Z"), false);
        var result = bench.run(wanted, store -> store).details();

        assertThat(result.rows()).isEqualTo(2);
        assertThat(result.watermark()).isEqualTo("2026-02-28T12:00:00Z");
        assertThat(bench.snapshot(2).intervalEnd()).isEqualTo(DAY);
    }

    @Test
    void manyFilesAreMergedIntoOne() throws Exception {
        bench.view(WITH_CREATED.replace("online: {enabled: true", "online: {enabled: false"));
        for (var i = 0; i < 33; i++) {
            var time = DAY.plus(Duration.ofHours(i));
            bench.write(
                    "rows.parquet",
                    created("(%d, %d, '%s', '%s'), (0, %d, '2026-01-01', '%s')"
                            .formatted(i % 5, i, time, time, i, time)));
            bench.run(time);
        }
        var snapshot = bench.snapshot(33);
        assertThat(snapshot.files()).hasSize(1);
        assertThat(snapshot.rows()).isEqualTo(34);
        assertThat(snapshot.files().getFirst().rows()).isEqualTo(34);
        assertThat(snapshot.entities()).isEqualTo(5);
        assertThat(bench.rowsOf(snapshot, "user_id, logins", "made"))
                .hasSize(34)
                .contains("0 32");
        assertThat(bench.contents().keySet())
                .as("two snapshots are kept, and no file that only others name")
                .filteredOn(name -> name.contains("snapshots/"))
                .hasSize(2);
        assertThat(bench.contents().keySet())
                .filteredOn(name -> name.contains("data/"))
                .hasSize(33);
    }

    @Test
    void killedAnywhereItEndsAsIfUndisturbed() throws Exception {
        var undisturbed = history(folder.resolve("undisturbed"));
        undisturbed.run(DAY.plus(Duration.ofDays(3)));
        var expected = undisturbed.contents();
        var outcomes = new ArrayList<Boolean>();
        for (var after : List.of(false, true)) {
            for (var writes = 0; ; writes++) {
                var other = history(folder.resolve("killed-" + after + writes));
                var wanted = new Interval.Wanted(Optional.empty(), DAY.plus(Duration.ofDays(3)), false);
                var number = writes;
                var killed =
                        MortalFolder.kills(() -> other.run(wanted, store -> new MortalFolder(store, number, after)));
                other.run(wanted, store -> store);

                assertThat(other.contents())
                        .as("killed %s write %d", after, writes)
                        .isEqualTo(expected);
                assertThat(other.online.newest).isEqualTo(undisturbed.online.newest);
                outcomes.add(killed);
                if (!killed) {
                    break;
                }
            }
        }
        assertThat(outcomes)
                .as("the file, the catalog, a catalog and a file that go")
                .hasSizeGreaterThanOrEqualTo(8);
    }

    @Test
    void whenTheOnlineStoreFailsTheNextRunMendsIt() throws Exception {
        var undisturbed = history(folder.resolve("undisturbed"));
        var end = DAY.plus(Duration.ofDays(3));
        undisturbed.run(end);
        var wanted = new Interval.Wanted(Optional.empty(), end, false);
        for (var rows = 0; rows < 3; rows++) {
            var other = history(folder.resolve("online-" + rows));
            var number = rows;
            assertThatThrownBy(() -> other.run(wanted, store -> store, other.online.failingAfter(number)))
                    .isInstanceOf(StepFailure.class);
            other.online.failingAfter(-1);
            var result = other.run(wanted, store -> store).details();

            assertThat(other.online.newest).isEqualTo(undisturbed.online.newest);
            assertThat(result.onlineWritten() + result.onlineSkipped()).isEqualTo(3);
            assertThat(other.contents()).isEqualTo(undisturbed.contents());
        }
    }

    @Test
    void twoRunsAtOnceDontMixTheirSnapshots() throws Exception {
        bench.view(WITH_CREATED);
        bench.write("1.parquet", created("(1, 10, '2026-02-20', '2026-02-20')"));
        var other = DAY.minus(Duration.ofDays(1));
        var wanted = new Interval.Wanted(Optional.empty(), DAY, false);
        assertThatThrownBy(() -> bench.run(wanted, store -> new RacingStore(store, () -> bench.run(other))))
                .isInstanceOfSatisfying(
                        StepFailure.class, e -> assertThat(e.reason()).isEqualTo("ConcurrentMaterialization"));
        assertThat(bench.run(DAY).outcome()).isEqualTo(Outcome.Succeeded);
    }

    /** Three days of runs, of which the last is yet to come, with rows that are late, double and changed. */
    private static Workbench history(Path folder) throws Exception {
        var bench = new Workbench(Files.createDirectory(folder)).view(WITH_CREATED);
        bench.write("1.parquet", created("(1, 10, '2026-02-20', '2026-02-20'), (2, 20, '2026-02-28', '2026-02-28')"));
        bench.run(DAY);
        bench.write("2.parquet", created("(1, 11, '2026-03-01 10:00:00', '2026-03-01 10:00:00')"));
        bench.runFully(DAY.plus(Duration.ofDays(1)));
        bench.write("3.parquet", created("(3, 30, '2026-03-02', '2026-03-02'), (1, 12, '2026-02-20', '2026-03-02')"));
        bench.run(DAY.plus(Duration.ofDays(2)));
        bench.write(
                "4.parquet",
                created("(1, 13, '2026-03-03', '2026-03-03'), (1, 14, '2026-03-03', '2026-03-03 01:00:00'),"
                        + " (2, 21, '2026-02-01', '2026-03-03'), (3, 31, '2026-03-02', '2026-03-03')"));
        return bench;
    }

    private static String values(String rows) {
        return "select user_id, logins, spend, \"at\"::timestamp as \"at\" from (values " + rows
                + ") t(user_id, logins, spend, \"at\")";
    }

    private static String created(String rows) {
        return "select user_id, logins, \"at\"::timestamptz as \"at\", made::timestamptz as made from (values " + rows
                + ") t(user_id, logins, \"at\", made)";
    }
}
