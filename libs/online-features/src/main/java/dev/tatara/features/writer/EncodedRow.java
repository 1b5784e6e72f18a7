package dev.tatara.features.writer;

/** A row as Redis gets it. */
final class EncodedRow {
    private final byte[] key;
    private final byte[] time;
    private final byte[][] values;

    /**
     * One row.
     *
     * @param key the key of its entity
     * @param time its event time
     * @param values values of the view's features, in its order
     */
    EncodedRow(byte[] key, byte[] time, byte[][] values) {
        this.key = key;
        this.time = time;
        this.values = values;
    }

    byte[] key() {
        return key;
    }

    byte[] time() {
        return time;
    }

    byte[][] values() {
        return values;
    }

    long bytes() {
        long bytes = key.length;
        bytes += time.length;
        for (byte[] value : values) {
            bytes += value.length;
        }
        return bytes;
    }
}
