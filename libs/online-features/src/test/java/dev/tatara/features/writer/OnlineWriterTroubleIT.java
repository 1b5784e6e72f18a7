package dev.tatara.features.writer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tatara.artifacts.testing.FlakyRelay;
import dev.tatara.artifacts.testing.FlakyRelay.Fault.CutRequest;
import dev.tatara.artifacts.testing.FlakyRelay.Fault.CutResponse;
import dev.tatara.features.redis.RedisAccess;
import dev.tatara.features.redis.RedisException;
import dev.tatara.features.redis.RedisException.Kind;
import dev.tatara.features.testing.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Protocol.Command;

/** A Redis that goes away, is full, or belongs to somebody else. */
class OnlineWriterTroubleIT extends WriterScene {
    private static final WriterSettings IMPATIENT =
            WriterSettings.defaults().withRetries(Duration.ofMillis(300), Duration.ofMillis(10), Duration.ofMillis(50));

    /** First keys that are new, then the same again over what is there. */
    @ParameterizedTest
    @ValueSource(longs = {0, 400, 20_000, 60_000})
    void whatBreaksOffIsSentAgain(long bytes) throws Exception {
        for (int round = 0; round < 2; round++) {
            try (var relay = FlakyRelay.to(redis.port())
                            .next(new CutRequest(bytes), new CutResponse(200), new CutRequest(5000));
                    var writer = OnlineWriter.open(
                            RedisAccess.of("127.0.0.1", relay.endpoint().getPort()), VIEW, QUICK)) {
                for (long user = 0; user < 3000; user++) {
                    writer.write(key(user), T, values(user, "n" + user + "/" + round));
                }
                var counts = writer.finish();
                assertThat(counts).isEqualTo(new WriteCounts(3000, 0));
                assertThat(relay.connections()).isGreaterThan(2);
            }
            assertThat(redis.command(Command.DBSIZE)).isEqualTo(3000L);
            assertThat(stored.of(2999).value(1)).isEqualTo("n2999/" + round);
        }
    }

    @Test
    void aRedisThatForgotItsScriptsIsToldAgain() throws RedisException {
        var notices = new ArrayList<String>();
        write(1, T, 1.0, "a");
        try (var writer = OnlineWriter.open(access(), VIEW, QUICK.withNotices(notices::add))) {
            redis.command(Command.SCRIPT, "FLUSH");
            writer.write(key(1), T, values(1.0, "a"));
            assertThat(writer.finish().written()).isEqualTo(1);
        }
        assertThat(notices).hasSize(2);
        assertThat(notices.getFirst()).contains("is not ready: NOSCRIPT");
        assertThat(notices.getLast()).endsWith("is back");
    }

    @Test
    void aRedisThatIsAwayForAWhileIsWaitedFor() throws Exception {
        try (var server = RedisServer.startWith()) {
            var access = RedisAccess.of("127.0.0.1", server.port());
            try (var writer = OnlineWriter.open(access, VIEW, QUICK)) {
                writer.write(key(1), T, values(1.0, "a"));
                server.stop();
                var back = Thread.ofVirtual().start(server::start);
                assertThat(writer.finish().written()).isEqualTo(1);
                back.join();
            }
            assertThat(server.command(Command.DBSIZE)).isEqualTo(1L);
        }
    }

    @Test
    void aRedisThatStaysAwayIsGivenUp() {
        var nobody = RedisServer.startWith();
        nobody.close();

        assertThatExceptionOfType(RedisException.class)
                .isThrownBy(() -> OnlineWriter.open(RedisAccess.of("127.0.0.1", nobody.port()), VIEW, IMPATIENT))
                .satisfies(kind(Kind.Unavailable))
                .withMessageMatching(
                        "Redis at redis://127.0.0.1:\\d+ can't be reached: .*[Rr]efused.*; tried \\d+ times in 0 s");
        assertThatExceptionOfType(RedisException.class)
                .isThrownBy(() -> OnlineWriter.open(RedisAccess.of("nowhere.invalid", 6379), VIEW, IMPATIENT))
                .satisfies(kind(Kind.Unavailable))
                .withMessageContaining("nowhere.invalid");
    }

    @Test
    void aFullRedisSaysSo() throws RedisException {
        try (var server = RedisServer.startWith("--maxmemory", "3mb", "--maxmemory-policy", "noeviction");
                var writer = OnlineWriter.open(RedisAccess.of("127.0.0.1", server.port()), VIEW, QUICK)) {
            assertThatExceptionOfType(RedisException.class)
                    .isThrownBy(() -> {
                        for (long user = 0; user < 100_000; user++) {
                            writer.write(key(user), T, values(1.0, "x".repeat(1000)));
                        }
                        writer.finish();
                    })
                    .satisfies(kind(Kind.Full))
                    .withMessageContaining("raise maxmemory, or set keyTtl");
        }
    }

    @Test
    void somebodyElsesKeysAreLeftAlone() throws RedisException {
        redis.command(Command.SET, stored.redisKey(1), "mine");

        assertThatExceptionOfType(RedisException.class)
                .isThrownBy(() -> write(1, T, 1.0, "a"))
                .satisfies(kind(Kind.Unsuitable))
                .withMessageContaining("keys of this project that are no hashes");
        assertThat(redis.command(Command.GET, stored.redisKey(1))).isEqualTo("mine".getBytes(UTF_8));
    }

    @Test
    void aRedisThatTakesNoRowsAsItKeepsThemGetsThemOneByOne() throws RedisException {
        try (var old = RedisServer.startWith("--rename-command", "RESTORE", "")) {
            try (var writer = OnlineWriter.open(RedisAccess.of("127.0.0.1", old.port()), VIEW, QUICK)) {
                for (long user = 0; user < 3000; user++) {
                    writer.write(key(user), T, values(user, "n" + user));
                }
                assertThat(writer.finish()).isEqualTo(new WriteCounts(3000, 0));
            }
            assertThat(old.command(Command.DBSIZE)).isEqualTo(3000L);
            assertThat(new StoredRows(old, VIEW).of(1234).value(1)).isEqualTo("n1234");
        }
    }
}
