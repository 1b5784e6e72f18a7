package dev.tatara.steps.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tatara.api.v1alpha1.trainingjob.Dataset.Split.By;
import dev.tatara.steps.join.Split.Part;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitTest {
    private static final String TIMES =
            "select i, (i % 3)::bigint as user_id, i % 7 as label, timestamptz '2024-01-01 00:00:00Z' + to_hours(i::int)"
                    + " as event_timestamp from range(1000) r(i) order by i";

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

    /** The numbers {@code i} of each part's rows. */
    private List<List<Long>> parts(String query, Split split) throws Exception {
        var entities = rows.entities(query);
        rows.engine.execute(split.create(entities));
        var joined = new PointInTimeJoin(rows.engine, entities, false).result();
        var parts = new ArrayList<List<Long>>();
        for (var part : Part.values()) {
            parts.add(rows.rows("select i from (" + joined.query(part) + ")").stream()
                    .map(Long::valueOf)
                    .toList());
        }
        rows.engine.execute("drop table parts; drop table entities");
        return parts;
    }

    private static Split split(By by, double test, double validation, long seed, String... keys) {
        return new Split(by, test, validation, seed, List.of(keys), "label");
    }

    @Test
    void everyRowIsInOnePartAndEachPartHasItsShare() throws Exception {
        for (var by : By.values()) {
            var parts = parts(TIMES, split(by, 0.2, 0.1, 1));
            assertThat(parts.stream().flatMap(List::stream).toList())
                    .as(by.toString())
                    .hasSize(1000)
                    .containsAll(IntStream.range(0, 1000).asLongStream().boxed().toList());
            assertThat((double) parts.get(0).size()).isCloseTo(700, within(7.0));
            assertThat((double) parts.get(1).size()).isCloseTo(100, within(7.0));
            assertThat((double) parts.get(2).size()).isCloseTo(200, within(7.0));
            for (var part : parts) {
                assertThat(part).as("rows stay in their order").isSorted();
            }
        }
    }

    @Test
    void theSeedDecides() throws Exception {
        var one = parts(TIMES, split(By.Random, 0.2, 0.1, 1));
        assertThat(parts(TIMES, split(By.Random, 0.2, 0.1, 1))).isEqualTo(one);
        assertThat(parts(TIMES, split(By.Random, 0.2, 0.1, 2)).get(2)).isNotEqualTo(one.get(2));
        assertThat(one.get(2))
                .as("drawn from everywhere")
                .anyMatch(i -> i < 100)
                .anyMatch(i -> i > 900);
    }

    @Test
    void whoIsDrawnIsKnownForEver() throws Exception {
        // By hand: the MD5, as a little-endian number, of "7:" and the row's number, of which the two smallest are the
        // test.
        var query =
                "select i, 1::bigint as user_id, timestamptz '2024-01-01 00:00:00Z' as event_timestamp from range(10) r(i)"
                        + " order by i";
        assertThat(parts(query, split(By.Random, 0.2, 0, 7)).get(2)).isEqualTo(drawn(10, 2, 7));
    }

    private static List<Long> drawn(int rows, int wanted, long seed) throws Exception {
        var md5 = MessageDigest.getInstance("MD5");
        return IntStream.range(0, rows)
                .boxed()
                .sorted(Comparator.comparing(i -> {
                    var digest = md5.digest((seed + ":" + i).getBytes(StandardCharsets.US_ASCII));
                    return littleEndian(digest);
                }))
                .limit(wanted)
                .map(Integer::longValue)
                .sorted()
                .toList();
    }

    private static BigInteger littleEndian(byte[] bytes) {
        var number = BigInteger.ZERO;
        for (var i = bytes.length - 1; i >= 0; i--) {
            number = number.shiftLeft(8).or(BigInteger.valueOf(bytes[i] & 0xff));
        }
        return number;
    }

    @Test
    void stratifiedKeepsTheSharesOfClassesWithinOneRow() throws Exception {
        // Classes of 1, 2, 4 ... 512 rows.
        var query =
                "select i, 1::bigint as user_id, floor(log2(i + 1))::int as label, timestamptz '2024-01-01 00:00:00Z'"
                        + " + to_hours(i::int) as event_timestamp from range(1023) r(i) order by i";
        var parts = parts(query, split(By.Stratified, 0.25, 0.15, 3, "user_id"));
        for (var label = 0; label < 10; label++) {
            var size = 1 << label;
            var shares = new double[] {0.6, 0.15, 0.25};
            for (var part = 0; part < 3; part++) {
                var low = size - 1L;
                var found = parts.get(part).stream()
                        .filter(i -> i >= low && i < low + size)
                        .count();
                assertThat((double) found)
                        .as("class of %d rows, part %d", size, part)
                        .isCloseTo(size * shares[part], within(1.0));
            }
        }
    }

    @Test
    void byTimeTheLatestRowsAreTheTest() throws Exception {
        var query =
                "select i, 1::bigint as user_id, case when i > 0 then timestamptz '2024-01-01 00:00:00Z' + to_hours((i * 37 % 100)::int) end"
                        + " as event_timestamp from range(100) r(i) order by i";
        var parts = parts(query, split(By.Time, 0.2, 0.1, 0));
        assertThat(parts.get(2)).hasSize(20).allMatch(i -> i * 37 % 100 >= 80);
        assertThat(parts.get(1)).hasSize(10).allMatch(i -> i * 37 % 100 >= 70 && i * 37 % 100 < 80);
        assertThat(parts.get(0)).contains(0L);
    }

    @Test
    void rowsOfTheSameTimeStayTogetherByTime() throws Exception {
        var query = "select i, 1::bigint as user_id, timestamptz '2024-01-01 00:00:00Z' + to_hours((i // 30)::int)"
                + " as event_timestamp from range(100) r(i) order by i";
        var parts = parts(query, split(By.Time, 0.2, 0, 0));
        assertThat(parts.get(2))
                .containsExactlyElementsOf(
                        IntStream.range(60, 100).asLongStream().boxed().toList());
    }

    @Test
    void rowsOfOneObservationStayTogether() throws Exception {
        // Each observation three times, not next to each other and with different labels.
        var query =
                "select i, (i % 100)::bigint as user_id, i % 2 as label, timestamptz '2024-01-01 00:00:00Z' as event_timestamp"
                        + " from range(300) r(i) order by i";
        for (var by : List.of(By.Random, By.Stratified)) {
            var parts = parts(query, split(by, 0.2, 0.1, 5, "user_id"));
            assertThat(parts.get(2).size()).isBetween(57, 63);
            for (var part : parts) {
                for (var user = 0L; user < 100; user++) {
                    var id = user;
                    assertThat(part.stream().filter(i -> i % 100 == id).count())
                            .as("user %d by %s", user, by)
                            .isIn(0L, 3L);
                }
            }
        }
    }

    @Test
    void sharesMustLeaveRowsForTraining() {
        assertThatThrownBy(() -> split(By.Random, 0.6, 0.4, 0)).hasMessageContaining("below 1");
        assertThatThrownBy(() -> split(By.Random, Double.NaN, 0, 0)).hasMessageContaining("below 1");
    }
}
