package dev.tatara.e2e.features;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import org.apache.commons.codec.digest.MurmurHash3;

/** Keys, fields and values in hexadecimal as docs/reference/online-store.md has them, for entities with one INT64 key. */
final class FeastLayout {
    private static final HexFormat HEX = HexFormat.of();

    private FeastLayout() {}

    static String key(String joinKey, long id, String project) {
        var name = utf8(joinKey);
        return int32(1)
                + int32(2)
                + int32(name.length)
                + HEX.formatHex(name)
                + int32(4)
                + int32(Long.BYTES)
                + int64(id)
                + HEX.formatHex(utf8(project));
    }

    static String field(String view, String feature) {
        var name = utf8(view + ":" + feature);
        return int32(MurmurHash3.hash32x86(name, 0, name.length, 0));
    }

    static String timeField(String view) {
        return HEX.formatHex(utf8("_ts:" + view));
    }

    /** A google.protobuf.Timestamp of whole seconds. */
    static String time(Instant time) {
        return "08" + varint(time.getEpochSecond());
    }

    /** A feast.types.Value; null is no bytes. */
    static String value(Object value) {
        return switch (value) {
            case null -> "";
            case Long number -> "20" + varint(number);
            case Double number -> "29" + int64(Double.doubleToRawLongBits(number));
            case String text -> "12" + varint(utf8(text).length) + HEX.formatHex(utf8(text));
            default -> throw new IllegalArgumentException("expected Long, Double, String or null, found " + value);
        };
    }

    private static String varint(long value) {
        var bytes = new StringBuilder();
        var rest = value;
        while (rest >>> 7 != 0) {
            bytes.append(HEX.toHexDigits((byte) ((rest & 127) | 128)));
            rest >>>= 7;
        }
        return bytes.append(HEX.toHexDigits((byte) rest)).toString();
    }

    /** The lowest byte first. */
    private static String int32(int value) {
        return HEX.toHexDigits(Integer.reverseBytes(value));
    }

    /** The lowest byte first. */
    private static String int64(long value) {
        return HEX.toHexDigits(Long.reverseBytes(value));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
