package dev.tatara.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.apache.commons.codec.digest.MurmurHash3;

/** Names of the fields of an entity's Redis hash. */
public final class OnlineField {
    private OnlineField() {}

    /** The field of a feature: murmur3_x86_32 with seed 0 of {@code view:feature}, four bytes, the lowest first. */
    public static byte[] of(String view, String feature) {
        int hash = hash(view, feature);
        return new byte[] {(byte) hash, (byte) (hash >>> 8), (byte) (hash >>> 16), (byte) (hash >>> 24)};
    }

    /** The field that holds a view's event time. */
    public static byte[] ofEventTime(String view) {
        return ("_ts:" + view).getBytes(UTF_8);
    }

    static int hash(String view, String feature) {
        byte[] name = (view + ":" + feature).getBytes(UTF_8);
        return MurmurHash3.hash32x86(name, 0, name.length, 0);
    }
}
