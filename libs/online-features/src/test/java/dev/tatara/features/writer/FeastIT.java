package dev.tatara.features.writer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.features.EntityKeyFormat;
import dev.tatara.features.FeatureStatus;
import dev.tatara.features.FeatureType;
import dev.tatara.features.JoinKey;
import dev.tatara.features.OnlineFeature;
import dev.tatara.features.OnlineView;
import dev.tatara.features.redis.RedisAccess;
import dev.tatara.features.testing.RedisServer;
import dev.tatara.testing.CachedPython;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Protocol.Command;

/**
 * Feast's own SDK, which {@code hack/tools feast} installs, on the same Redis: src/test/feast/interop.py.
 */
class FeastIT {
    private static final HexFormat HEX = HexFormat.of();
    private static final Duration GENEROUS = Duration.ofMinutes(10);
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00.123456Z");
    private static final Instant MIDNIGHT = Instant.parse("2026-11-21T00:00:00Z");

    private static final List<OnlineFeature> FEATURES = List.of(
            new OnlineFeature("a_bytes", FeatureType.BYTES),
            new OnlineFeature("a_string", FeatureType.STRING),
            new OnlineFeature("an_int32", FeatureType.INT32),
            new OnlineFeature("an_int64", FeatureType.INT64),
            new OnlineFeature("a_float", FeatureType.FLOAT),
            new OnlineFeature("a_double", FeatureType.DOUBLE),
            new OnlineFeature("a_bool", FeatureType.BOOL),
            new OnlineFeature("a_time", FeatureType.UNIX_TIMESTAMP),
            new OnlineFeature("bytes_list", FeatureType.BYTES_LIST),
            new OnlineFeature("string_list", FeatureType.STRING_LIST),
            new OnlineFeature("int32_list", FeatureType.INT32_LIST),
            new OnlineFeature("int64_list", FeatureType.INT64_LIST),
            new OnlineFeature("float_list", FeatureType.FLOAT_LIST),
            new OnlineFeature("double_list", FeatureType.DOUBLE_LIST),
            new OnlineFeature("bool_list", FeatureType.BOOL_LIST),
            new OnlineFeature("time_list", FeatureType.UNIX_TIMESTAMP_LIST));

    private static final Object[] FIRST = {
        new byte[] {0, -1},
        "grüße",
        Integer.MIN_VALUE,
        1L << 53,
        0.1f,
        0.1,
        true,
        MIDNIGHT,
        List.of(new byte[] {1}, new byte[] {2, 3}),
        List.of("a", "ä"),
        List.of(1, -2, 3),
        List.of(1L << 62, -5L),
        List.of(0.1f, -2.5f),
        List.of(0.1, -1e300),
        List.of(true, false, true),
        List.of(MIDNIGHT)
    };
    private static final Object[] SECOND = {
        new byte[0],
        "",
        7,
        -1L,
        -2.5f,
        -1e300,
        false,
        Instant.ofEpochSecond(-1),
        List.of(new byte[] {'x'}),
        List.of(""),
        List.of(0),
        List.of(0L),
        List.of(0f),
        List.of(0.0),
        List.of(false),
        List.of(Instant.EPOCH)
    };
    private static final Object[] NULLS = new Object[FEATURES.size()];

    /** What Feast itself loses on the way to Redis, but not on the way back. */
    private static final Object[] EXTREME = {
        new byte[1000],
        "\0\uD83D\uDE80",
        Integer.MAX_VALUE,
        Long.MIN_VALUE,
        Float.NaN,
        Double.NEGATIVE_INFINITY,
        true,
        Instant.parse("9999-12-31T23:59:59Z"),
        List.of(),
        List.of(),
        List.of(),
        List.of(Long.MAX_VALUE, Long.MIN_VALUE),
        List.of(Float.MIN_VALUE),
        List.of(Double.MIN_VALUE, -0.0),
        List.of(),
        List.of()
    };

    private static final OnlineView EVERY_TYPE = new OnlineView(
            "interop",
            "every_type",
            List.of(new JoinKey("user_id", FeatureType.INT64)),
            FEATURES,
            Duration.ofDays(365_000));
    private static final OnlineView BY_TWO = new OnlineView(
            "interop",
            "by_two",
            List.of(new JoinKey("user_id", FeatureType.INT64), new JoinKey("country", FeatureType.STRING)),
            List.of(new OnlineFeature("visits", FeatureType.INT64)),
            Duration.ZERO);

    @TempDir
    private Path folder;

    private RedisServer redis;

    @BeforeEach
    void start() {
        redis = RedisServer.startWith();
    }

    @AfterEach
    void stop() {
        redis.close();
    }

    @Test
    void whatFeastMaterializedIsRead() throws Exception {
        var keys = feast("materialize").stream()
                .filter(line -> line.startsWith("key\t"))
                .map(line -> line.substring(4))
                .toList();

        assertThat(keys).containsExactlyElementsOf(ourKeys());
        assertThat(redis.command(Command.DBSIZE)).isEqualTo(5L);
        var stored = new StoredRows(redis, EVERY_TYPE);
        for (var user : Map.of(1, FIRST, 2, SECOND, 3, NULLS).entrySet()) {
            var row = stored.of(NOW, user.getKey());
            assertThat(row.eventTime(0)).isEqualTo(user.getKey() == 2 ? NOW.minus(Duration.ofDays(1)) : NOW);
            for (int i = 0; i < FEATURES.size(); i++) {
                var expected = user.getValue()[i];
                assertThat(row.value(i))
                        .as("%s of %d", FEATURES.get(i).name(), user.getKey())
                        .usingRecursiveComparison()
                        .isEqualTo(expected);
                assertThat(row.status(i))
                        .isEqualTo(expected == null ? FeatureStatus.NULL_VALUE : FeatureStatus.PRESENT);
            }
        }
        assertThat(stored.of(NOW, 4).status(0)).isEqualTo(FeatureStatus.NOT_FOUND);
        var byTwo = new StoredRows(redis, BY_TWO);
        assertThat(byTwo.of(NOW, 1, "DE").integer(0)).isEqualTo(49);
        assertThat(byTwo.of(NOW, 1, "JP").integer(0)).isEqualTo(81);
    }

    @Test
    void feastReadsWhatWasWritten() throws Exception {
        var rows = new LinkedHashMap<Integer, Object[]>();
        rows.put(1, FIRST);
        rows.put(2, SECOND);
        rows.put(3, NULLS);
        rows.put(5, EXTREME);
        var access = RedisAccess.of("127.0.0.1", redis.port());
        try (var writer = OnlineWriter.open(access, EVERY_TYPE, WriterSettings.defaults());
                var byTwo = OnlineWriter.open(access, BY_TWO, WriterSettings.defaults())) {
            for (var row : rows.entrySet()) {
                writer.write(new Object[] {row.getKey()}, NOW, row.getValue());
            }
            byTwo.write(new Object[] {1, "DE"}, NOW, new Object[] {49});
            assertThat(writer.finish().written()).isEqualTo(4);
            assertThat(byTwo.finish().written()).isEqualTo(1);
        }
        rows.put(4, null);

        var found = feast("read").stream()
                .filter(line -> line.startsWith("every_type\t") || line.startsWith("by_two\t"))
                .toList();

        var expected = new ArrayList<String>();
        for (var row : rows.entrySet()) {
            for (int i = 0; i < FEATURES.size(); i++) {
                expected.add(
                        "every_type\t" + row.getKey() + "\t" + FEATURES.get(i).name() + "\tPRESENT\t"
                                + (row.getValue() == null
                                        ? "0.0\tnull\t"
                                        : "1795255200.123456000\t"
                                                + text(FEATURES.get(i).type(), row.getValue()[i])));
            }
        }
        expected.add("by_two\t1/DE\tvisits\tPRESENT\t1795255200.123456000\tint64_val\t49");
        expected.add("by_two\t1/JP\tvisits\tPRESENT\t0.0\tnull\t");
        expected.add("by_two\t1/??\tvisits\tPRESENT\t0.0\tnull\t");
        assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
    }

    private static List<String> ourKeys() {
        return List.of(
                key(List.of(new JoinKey("user_id", FeatureType.INT64)), -1001),
                key(List.of(new JoinKey("n", FeatureType.INT32)), -7),
                key(List.of(new JoinKey("s", FeatureType.STRING)), "grüße"),
                key(List.of(new JoinKey("b", FeatureType.BYTES)), new byte[] {0, -1}),
                key(List.of(new JoinKey("at", FeatureType.UNIX_TIMESTAMP)), NOW),
                key(
                        List.of(
                                new JoinKey("z", FeatureType.INT64),
                                new JoinKey("a", FeatureType.STRING),
                                new JoinKey("M", FeatureType.INT32),
                                new JoinKey("é", FeatureType.BYTES)),
                        1,
                        "",
                        2,
                        new byte[] {'z'}));
    }

    private static String key(List<JoinKey> joinKeys, Object... values) {
        return HEX.formatHex(new EntityKeyFormat("interop", joinKeys).encode(values));
    }

    /** A value as interop.py prints it. */
    private static String text(FeatureType type, Object value) {
        if (value == null) {
            return "null\t";
        }
        var name = type.name().toLowerCase(Locale.ROOT) + "_val\t";
        return type.element()
                .map(element -> name
                        + ((List<?>) value)
                                .stream().map(one -> scalar(element, one)).toList())
                .orElseGet(() -> name + scalar(type, value));
    }

    private static String scalar(FeatureType type, Object value) {
        return switch (type) {
            case BYTES -> HEX.formatHex((byte[]) value);
            case DOUBLE -> HEX.toHexDigits(Double.doubleToLongBits((Double) value));
            case FLOAT -> HEX.toHexDigits(Float.floatToIntBits((Float) value));
            case UNIX_TIMESTAMP -> Long.toString(((Instant) value).getEpochSecond());
            default -> value.toString();
        };
    }

    private List<String> feast(String what) throws InterruptedException {
        var script = Path.of(System.getProperty("tatara.test.feast"), "interop.py");
        var command = CachedPython.command(
                "feast", script.toString(), Integer.toString(redis.port()), folder.toString(), what);
        return List.of(CachedPython.run(command, GENEROUS).split("\n"));
    }
}
