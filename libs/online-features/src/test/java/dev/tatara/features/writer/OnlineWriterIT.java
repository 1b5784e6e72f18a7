package dev.tatara.features.writer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tatara.features.EventTime;
import dev.tatara.features.FeatureStatus;
import dev.tatara.features.FeatureType;
import dev.tatara.features.OnlineFeature;
import dev.tatara.features.OnlineField;
import dev.tatara.features.OnlineView;
import dev.tatara.features.redis.RedisException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Protocol.Command;

class OnlineWriterIT extends WriterScene {
    @Test
    void rowsAreThereWhenTheWriterHasFinished() throws RedisException {
        try (var writer = open()) {
            for (long user = 0; user < 5000; user++) {
                writer.write(key(user), T, values(user / 4.0, "n" + user));
            }
            assertThat(writer.finish()).isEqualTo(new WriteCounts(5000, 0));
        }

        for (long user : new long[] {0, 15, 16, 1234, 4999}) {
            var row = stored.of(user);
            assertThat(row.value(0)).isEqualTo(user / 4.0);
            assertThat(row.value(1)).isEqualTo("n" + user);
            assertThat(row.eventTime(0)).isEqualTo(T);
        }
        assertThat(redis.command(Command.DBSIZE)).isEqualTo(5000L);
    }

    @Test
    void anOlderRowNeverOverwritesANewerOne() throws RedisException {
        write(1, T, 1.0, "first");

        assertThat(write(1, T.minusSeconds(1), 2.0, "older")).isEqualTo(new WriteCounts(0, 1));
        assertThat(write(1, T.minusNanos(1000), 2.0, "a little older")).isEqualTo(new WriteCounts(0, 1));
        assertThat(stored.of(1).value(1)).isEqualTo("first");

        assertThat(write(1, T, 3.0, "of the same time")).isEqualTo(new WriteCounts(1, 0));
        assertThat(stored.of(1).value(1)).isEqualTo("of the same time");

        assertThat(write(1, T.plusNanos(1000), null, "newer")).isEqualTo(new WriteCounts(1, 0));
        assertThat(stored.of(1).value(1)).isEqualTo("newer");
        assertThat(stored.of(1).status(0)).isEqualTo(FeatureStatus.NULL_VALUE);
    }

    @Test
    void timesAreOrderedWhereverTheyLie() throws RedisException {
        var times = new ArrayList<Instant>();
        for (long seconds : new long[] {
            -62_135_596_800L,
            -86_400,
            -129,
            -128,
            -127,
            -2,
            -1,
            0,
            1,
            127,
            128,
            16_383,
            16_384,
            1_640_991_600,
            1L << 33,
            253_402_300_799L
        }) {
            for (int nanos : new int[] {0, 1, 127, 128, 500_000_000, 999_999_999}) {
                times.add(Instant.ofEpochSecond(seconds, nanos));
            }
        }
        var random = new Random(1);
        try (var writer = open()) {
            for (int i = 0; i < 2000; i++) {
                var a = times.get(random.nextInt(times.size()));
                var b = times.get(random.nextInt(times.size()));
                writer.write(key(i), a, values(1.0, ""));
                writer.write(key(i), b, values(2.0, ""));
                writer.finish();

                var row = stored.of(i);
                assertThat(row.eventTime(0)).as("%s, then %s", a, b).isEqualTo(a.isAfter(b) ? a : b);
                assertThat(row.number(0)).as("%s, then %s", a, b).isEqualTo(a.isAfter(b) ? 1 : 2);
            }
        }
    }

    @Test
    void rowsOfOneEntityInOneBatchAreTakenInTheirOrder() throws RedisException {
        try (var writer = open()) {
            for (int i : new int[] {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5}) {
                writer.write(key(1), T.plusSeconds(i), values(i, "n" + i));
            }
            assertThat(writer.finish()).isEqualTo(new WriteCounts(4, 7));
        }
        assertThat(stored.of(1).value(1)).isEqualTo("n9");
    }

    @Test
    void writersThatRaceLeaveTheNewest() throws Exception {
        var threads = new ArrayList<Thread>();
        var failures = Collections.synchronizedList(new ArrayList<Throwable>());
        for (int thread = 0; thread < 4; thread++) {
            var random = new Random(thread);
            threads.add(Thread.ofVirtual()
                    .uncaughtExceptionHandler((t, e) -> failures.add(e))
                    .start(() -> {
                        try (var writer = open()) {
                            for (int i = 0; i < 10_000; i++) {
                                int second = random.nextInt(1000);
                                writer.write(
                                        key(random.nextInt(20)), T.plusSeconds(second), values(second, "n" + second));
                            }
                            writer.write(key(0), T.plusSeconds(1000), values(1000, "n1000"));
                            writer.finish();
                        } catch (RedisException e) {
                            throw new IllegalStateException(e);
                        }
                    }));
        }
        for (var thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
        assertThat(stored.of(0).value(1)).isEqualTo("n1000");
        for (int user = 0; user < 20; user++) {
            var row = stored.of(user);
            assertThat(row.number(0)).as("values are of one row").isEqualTo((double)
                    Duration.between(T, row.eventTime(0)).toSeconds());
            assertThat(row.value(1)).isEqualTo("n" + (int) row.number(0));
        }
    }

    @Test
    void viewsOfAnEntityShareItsKeyAndKeepTheirOwnTimes() throws RedisException {
        var visits = new OnlineView("shop", "visits", VIEW.joinKeys(), VIEW.features(), Duration.ZERO);
        write(1, T.plusSeconds(60), 1.0, "spend");
        try (var writer = OnlineWriter.open(access(), visits, QUICK)) {
            writer.write(key(1), T, values(2.0, "visits"));
            assertThat(writer.finish().written()).isEqualTo(1);
        }

        assertThat(redis.command(Command.DBSIZE)).isEqualTo(1L);
        assertThat(stored.of(1).eventTime(0)).isEqualTo(T.plusSeconds(60));
        assertThat(new StoredRows(redis, visits).of(1).value(1)).isEqualTo("visits");
    }

    @Test
    void keysLiveFromTheirLastWrite() throws RedisException {
        var settings = QUICK.withKeyTtl(Duration.ofDays(7));
        try (var writer = OnlineWriter.open(access(), VIEW, settings)) {
            writer.write(key(1), T, values(1.0, ""));
            writer.finish();
            assertThat((Long) redis.command(Command.PTTL, stored.redisKey(1)))
                    .isBetween(Duration.ofDays(6).toMillis(), Duration.ofDays(7).toMillis());

            redis.command(Command.PEXPIRE, stored.redisKey(1), 60_000);
            writer.write(key(1), T.minusSeconds(1), values(1.0, ""));
            writer.finish();
            assertThat((Long) redis.command(Command.PTTL, stored.redisKey(1)))
                    .as("a row that isn't written doesn't prolong it")
                    .isLessThanOrEqualTo(60_000);

            writer.write(key(1), T, values(1.0, ""));
            writer.finish();
            assertThat((Long) redis.command(Command.PTTL, stored.redisKey(1)))
                    .isGreaterThan(Duration.ofDays(6).toMillis());
        }
        write(1, T, 1.0, "");
        assertThat((Long) redis.command(Command.PTTL, stored.redisKey(1)))
                .as("without a keyTtl an older expiry stays, as in Feast")
                .isGreaterThan(Duration.ofDays(6).toMillis());
    }

    @Test
    void aTimeThatIsNoneIsOverwritten() throws RedisException {
        for (byte[] garbage : new byte[][] {{}, {8}, {8, -1}, {16}, {1, 2, 3}, "soon".getBytes(UTF_8)}) {
            redis.command(Command.HSET, stored.redisKey(1), OnlineField.ofEventTime("spend"), garbage);
            assertThat(write(1, T, 1.0, "right").written()).isEqualTo(1);
            assertThat(stored.of(1).eventTime(0)).isEqualTo(T);
        }
    }

    @Test
    void manyFeaturesAndLargeValuesPass() throws RedisException {
        var features = IntStream.range(0, 1024)
                .mapToObj(i -> new OnlineFeature("f" + i, FeatureType.STRING))
                .toList();
        var wide = new OnlineView("shop", "wide", VIEW.joinKeys(), features, Duration.ZERO);
        var large = "x".repeat(50_000);
        try (var writer = OnlineWriter.open(access(), wide, QUICK)) {
            for (int user = 0; user < 10; user++) {
                var values = new Object[1024];
                for (int i = 0; i < values.length; i++) {
                    values[i] = i % 100 == 7 ? large : "v" + i;
                }
                writer.write(key(user), T, values);
            }
            assertThat(writer.finish()).isEqualTo(new WriteCounts(10, 0));
        }
        var row = new StoredRows(redis, wide).of(9);
        assertThat(row.value(1007)).isEqualTo(large);
        assertThat(row.value(1023)).isEqualTo("v1023");
    }

    @Test
    void aRowThatDoesNotFitIsRefusedAndTheOthersGoOn() throws RedisException {
        try (var writer = open()) {
            writer.write(key(1), T, values(1.0, "a"));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> writer.write(key(2), T, values("much", "b")))
                    .withMessageContaining(
                            "view spend, feature amount: expected a value for DOUBLE, found an object of java.lang.String");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> writer.write(new Object[] {null}, T, values(1.0, "b")))
                    .withMessageContaining("join key user, found null");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> writer.write(key(2), T, new Object[] {1.0}))
                    .withMessageContaining("expected 2 values, found 1");
            assertThat(writer.finish()).isEqualTo(new WriteCounts(1, 0));
        }
        assertThat(redis.command(Command.DBSIZE)).isEqualTo(1L);
    }

    @Test
    void whatFeastWroteIsComparedToo() throws RedisException {
        redis.command(Command.HSET, stored.redisKey(1), OnlineField.ofEventTime("spend"), EventTime.encode(T));

        assertThat(write(1, T.minusSeconds(1), 1.0, "a").skipped()).isEqualTo(1);
    }

    @Test
    void rowsOfFewEntitiesEndWithTheNewestAndOfEqualTimesWithTheLast() throws RedisException {
        var random = new Random(7);
        var expected = new HashMap<Long, Integer>();
        var times = new HashMap<Long, Instant>();
        try (var writer = open()) {
            for (int i = 0; i < 40_000; i++) {
                // First all keys are new, then hardly any, then most again: it is found out on the way.
                long user = random.nextInt(i < 10_000 || i > 25_000 ? 1_000_000 : 300);
                var time = T.plusSeconds(random.nextInt(4));
                writer.write(key(user), time, values(i, "n" + i));
                if (!time.isBefore(times.getOrDefault(user, Instant.MIN))) {
                    times.put(user, time);
                    expected.put(user, i);
                }
            }
            assertThat(writer.finish().written()).isGreaterThan(expected.size());
        }

        assertThat(redis.command(Command.DBSIZE)).isEqualTo((long) expected.size());
        expected.forEach((user, last) -> {
            if (user < 300 || last % 50 == 0) {
                var row = stored.of(user);
                assertThat(row.number(0)).as("user %d", user).isEqualTo((double) last);
                assertThat(row.value(1)).isEqualTo("n" + last);
                assertThat(row.eventTime(0)).isEqualTo(times.get(user));
            }
        });
    }

    @Test
    void newKeysAreWrittenWithoutTheScript() throws RedisException {
        redis.command(Command.CONFIG, "RESETSTAT");
        write(0, T, 1.0, "first");
        try (var writer = open()) {
            for (long user = 1; user <= 200; user++) {
                writer.write(key(user), T, values(user, "n" + user));
            }
            writer.finish();
        }

        assertThat(new String((byte[]) redis.command(Command.INFO, "commandstats"), UTF_8))
                .contains("cmdstat_restore:calls=201,")
                .doesNotContain("cmdstat_evalsha");
    }
}
