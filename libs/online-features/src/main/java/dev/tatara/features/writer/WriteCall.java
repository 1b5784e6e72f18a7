package dev.tatara.features.writer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.List;

/** Rows that go to Redis in one call of the script. */
final class WriteCall {
    private final List<byte[]> keys = new ArrayList<>();
    private final List<byte[]> values = new ArrayList<>();
    private long bytes;

    void add(byte[] key, byte[] time, byte[][] features) {
        keys.add(key);
        values.add(time);
        bytes += key.length + time.length;
        for (byte[] feature : features) {
            values.add(feature);
            bytes += feature.length;
        }
    }

    int rows() {
        return keys.size();
    }

    long bytes() {
        return bytes;
    }

    /** The arguments of EVALSHA. */
    byte[][] arguments(byte[] script, byte[][] head) {
        byte[][] arguments = new byte[2 + keys.size() + head.length + values.size()][];
        arguments[0] = script;
        arguments[1] = Integer.toString(keys.size()).getBytes(US_ASCII);
        int at = 2;
        for (byte[] key : keys) {
            arguments[at++] = key;
        }
        for (byte[] one : head) {
            arguments[at++] = one;
        }
        for (byte[] value : values) {
            arguments[at++] = value;
        }
        return arguments;
    }
}
