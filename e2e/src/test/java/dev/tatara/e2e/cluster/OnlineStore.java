package dev.tatara.e2e.cluster;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.params.ScanParams;

/** The Redis in the cluster, reached from outside. Keys and values are written in hexadecimal. */
public final class OnlineStore implements AutoCloseable {
    private static final HexFormat HEX = HexFormat.of();

    private final Jedis redis;

    OnlineStore(String host, String password) {
        redis = new Jedis(
                new HostAndPort(host, Protocol.DEFAULT_PORT),
                DefaultJedisClientConfig.builder().password(password).build());
    }

    /** Fields and values of a hash; empty where there is none. */
    public SortedMap<String, String> hash(String key) {
        var fields = new TreeMap<String, String>();
        redis.hgetAll(HEX.parseHex(key))
                .forEach((field, value) -> fields.put(HEX.formatHex(field), HEX.formatHex(value)));
        return fields;
    }

    /** The keys that end with a text. */
    public List<String> keysEndingWith(String ending) {
        var found = new ArrayList<String>();
        var wanted = new ScanParams()
                .match(("*" + ending).getBytes(StandardCharsets.UTF_8))
                .count(10_000);
        var cursor = ScanParams.SCAN_POINTER_START_BINARY;
        do {
            var page = redis.scan(cursor, wanted);
            page.getResult().forEach(key -> found.add(HEX.formatHex(key)));
            cursor = page.isCompleteIteration() ? null : page.getCursorAsBytes();
        } while (cursor != null);
        return found.stream().distinct().sorted().toList();
    }

    /** Makes room: removes the keys that end with a text. */
    public void forgetKeysEndingWith(String ending) {
        for (var key : keysEndingWith(ending)) {
            redis.unlink(HEX.parseHex(key));
        }
    }

    @Override
    public void close() {
        redis.close();
    }
}
