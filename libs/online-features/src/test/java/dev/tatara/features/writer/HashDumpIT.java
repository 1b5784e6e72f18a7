package dev.tatara.features.writer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.features.testing.RedisServer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Protocol.Command;

/** What Redis dumps itself, and what it makes of ours. */
class HashDumpIT {
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] TIME = {8, 1};

    private static RedisServer redis;

    private final Random random = new Random(3);

    @BeforeAll
    static void start() {
        redis = RedisServer.startWith("--rdbcompression", "no", "--sanitize-dump-payload", "yes");
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @BeforeEach
    void empty() {
        redis.command(Command.FLUSHALL);
    }

    @Test
    void aSmallHashIsWhatRedisItselfDumps() {
        for (int features : new int[] {0, 1, 2, 10, 60, 127}) {
            for (int length : new int[] {0, 1, 9, 62, 63}) {
                var fields = fields(features);
                var values = values(features, length);
                set("theirs", fields, TIME, values);

                assertThat(content(HashDump.of(fields).orElseThrow().of(TIME, values)))
                        .as("%d features of %d bytes", features, length)
                        .isEqualTo(content((byte[]) redis.command(Command.DUMP, "theirs")));
                redis.command(Command.DEL, "theirs");
            }
        }
    }

    /** Checked from end to end, as a Redis does that was told to. */
    @Test
    void hashesOfEverySizeAreTakenOver() {
        for (int features : new int[] {0, 1, 10, 127, 128, 600}) {
            for (int length : new int[] {0, 5, 63, 64, 65, 5000, 20_000}) {
                var fields = fields(features);
                var values = values(features, length);
                restoredIsWritten(fields, values);
            }
        }
    }

    /** A float whose bytes are digits, and a name of digits: Redis keeps such texts as numbers. */
    @Test
    void whatLooksLikeANumberStaysWhatItIs() {
        restoredIsWritten(List.of(bytes("_ts:v"), bytes("aaaa")), new byte[][] {bytes("51234")});
        restoredIsWritten(List.of(bytes("_ts:v"), bytes("1234")), new byte[][] {bytes("-7")});
        restoredIsWritten(List.of(bytes("_ts:v"), bytes("-123")), new byte[][] {bytes("x")});
    }

    @Test
    void fieldsThatAreTheSameAreNoHash() {
        assertThat(HashDump.of(List.of(bytes("_ts:v"), bytes("aaaa"), bytes("aaaa"))))
                .isEmpty();
    }

    private void restoredIsWritten(List<byte[]> fields, byte[][] values) {
        var dump = HashDump.of(fields).orElseThrow().of(TIME, values);
        redis.command(Command.RESTORE, "ours", 0, dump, "REPLACE");
        redis.command(Command.DEL, "theirs");
        set("theirs", fields, TIME, values);

        assertThat(all("ours")).isEqualTo(all("theirs"));
        for (byte[] field : fields) {
            assertThat((byte[]) redis.command(Command.HGET, "ours", field))
                    .isEqualTo((byte[]) redis.command(Command.HGET, "theirs", field));
            redis.command(Command.HSET, "ours", field, "another");
        }
        assertThat(redis.command(Command.HLEN, "ours")).isEqualTo((long) fields.size());
    }

    private static Map<String, String> all(String key) {
        var found = (List<?>) redis.command(Command.HGETALL, key);
        var all = new HashMap<String, String>();
        for (int i = 0; i < found.size(); i += 2) {
            all.put(HEX.formatHex((byte[]) found.get(i)), HEX.formatHex((byte[]) found.get(i + 1)));
        }
        return all;
    }

    private static void set(String key, List<byte[]> fields, byte[] time, byte[][] values) {
        var arguments = new ArrayList<Object>(List.of(key, fields.getFirst(), time));
        for (int i = 0; i < values.length; i++) {
            arguments.add(fields.get(1 + i));
            arguments.add(values[i]);
        }
        redis.command(Command.HSET, arguments.toArray());
    }

    /** Names as hashes are, none of which looks like a number. */
    private List<byte[]> fields(int features) {
        var fields = new ArrayList<byte[]>(List.of(bytes("_ts:view")));
        for (int i = 0; i < features; i++) {
            fields.add(new byte[] {(byte) (0x80 | random.nextInt(128)), (byte) (i >> 8), (byte) i, 'f'});
        }
        return fields;
    }

    private byte[][] values(int features, int length) {
        var values = new byte[features][length];
        for (byte[] value : values) {
            random.nextBytes(value);
            if (length > 0) {
                value[0] = ')';
            }
        }
        return values;
    }

    /** Without the version and the check, in which Redis of different ages differ. */
    private static String content(byte[] dump) {
        return HEX.formatHex(dump, 0, dump.length - 10);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
