package dev.tatara.features.writer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.features.FeatureType;
import dev.tatara.features.JoinKey;
import dev.tatara.features.OnlineFeature;
import dev.tatara.features.OnlineView;
import dev.tatara.features.redis.RedisAccess;
import dev.tatara.features.redis.RedisException;
import dev.tatara.features.redis.RedisException.Kind;
import dev.tatara.features.testing.RedisServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import redis.clients.jedis.Protocol.Command;

/** A Redis that is empty before each test, and a view of users whose rows are written there. */
abstract class WriterScene {
    static final Instant T = Instant.parse("2026-11-21T10:00:00Z");
    static final OnlineView VIEW = new OnlineView(
            "shop",
            "spend",
            List.of(new JoinKey("user", FeatureType.INT64)),
            List.of(new OnlineFeature("amount", FeatureType.DOUBLE), new OnlineFeature("note", FeatureType.STRING)),
            Duration.ZERO);
    static final WriterSettings QUICK =
            WriterSettings.defaults().withRetries(Duration.ofMinutes(2), Duration.ofMillis(10), Duration.ofMillis(50));

    static RedisServer redis;

    final StoredRows stored = new StoredRows(redis, VIEW);

    @BeforeAll
    static void start() {
        redis = RedisServer.startWith();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @BeforeEach
    void empty() {
        redis.command(Command.FLUSHALL);
    }

    static OnlineWriter open() throws RedisException {
        return OnlineWriter.open(access(), VIEW, QUICK);
    }

    static RedisAccess access() {
        return RedisAccess.of("127.0.0.1", redis.port());
    }

    static WriteCounts write(long user, Instant time, Object amount, String note) throws RedisException {
        try (var writer = open()) {
            writer.write(key(user), time, values(amount, note));
            return writer.finish();
        }
    }

    static Object[] key(long user) {
        return new Object[] {user};
    }

    static Object[] values(Object amount, String note) {
        return new Object[] {amount, note};
    }

    static ThrowingConsumer<RedisException> kind(Kind kind) {
        return e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind);
    }
}
