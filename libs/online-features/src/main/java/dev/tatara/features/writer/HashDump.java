package dev.tatara.features.writer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/**
 * Rows of a view as {@code RESTORE} takes them: the bytes that {@code DUMP} gives for such a hash, in the form of Redis 7.0
 * and later. Redis takes them over as they are, in place of finding a place for each field.
 *
 * <pre>
 *   type  content  version (2 bytes)  CRC-64 of all before (8 bytes)
 * </pre>
 *
 * <p>The content is a listpack where Redis would keep one with its defaults, else a number of fields and each field and
 * value with its length; Redis then chooses. Integers are written with the lowest byte first, but for lengths. Sources:
 * rdb.h, rdb.c (rdbSaveLen) and listpack.c of Redis 7.0.
 *
 * <p>Immutable and safe for use by several threads.
 */
final class HashDump {
    /** RDB_TYPE_HASH and RDB_TYPE_HASH_LISTPACK. */
    private static final byte FIELDS = 4;

    private static final byte LISTPACK = 16;
    /** RDB_VERSION of Redis 7.0. */
    private static final short VERSION = 10;

    private static final int FOOTER = Short.BYTES + Long.BYTES;
    /** hash-max-listpack-entries. */
    private static final int MOST_FIELDS = 128;
    /** Longer texts than these have a length of more than one byte in a listpack. */
    private static final int LONGEST = 63;

    private static final byte SHORT_TEXT = (byte) 0x80;
    private static final byte END = (byte) 0xff;
    private static final int HEADER = 4 + 2;

    private final List<byte[]> fields;

    private final boolean mayBePacked;

    private HashDump(List<byte[]> fields) {
        this.fields = List.copyOf(fields);
        this.mayBePacked = fields.size() <= MOST_FIELDS
                && fields.stream().allMatch(field -> field.length <= LONGEST && !isNumber(field));
    }

    /**
     * The form of rows with these fields; nothing where two are the same: Redis would not have them in one hash.
     *
     * @param fields field of the event time, then those of features
     */
    static Optional<HashDump> of(List<byte[]> fields) {
        long different = fields.stream().map(ByteBuffer::wrap).distinct().count();
        return different == fields.size() ? Optional.of(new HashDump(fields)) : Optional.empty();
    }

    /**
     * The bytes of one row.
     *
     * @param time its event time
     * @param values values of the view's features, in its order
     */
    byte[] of(byte[] time, byte[][] values) {
        int fieldBytes = 0;
        for (byte[] field : fields) {
            fieldBytes += field.length;
        }
        int valueBytes = time.length;
        int longest = time.length;
        for (byte[] value : values) {
            valueBytes += value.length;
            longest = Math.max(longest, value.length);
        }
        return mayBePacked && longest <= LONGEST
                ? packed(time, values, HEADER + fieldBytes + valueBytes + 4 * fields.size() + 1)
                : listed(time, values, fieldBytes + valueBytes);
    }

    private byte[] packed(byte[] time, byte[][] values, int length) {
        ByteBuffer out = ByteBuffer.allocate(1 + 5 + length).order(ByteOrder.LITTLE_ENDIAN);
        putLength(out.put(LISTPACK), length);
        out.putInt(length).putShort((short) (2 * fields.size()));
        for (int i = 0; i < fields.size(); i++) {
            putEntry(out, fields.get(i));
            putEntry(out, i == 0 ? time : values[i - 1]);
        }
        return finished(out.put(END));
    }

    /** A text, with its length before it and the length of both behind. */
    private static void putEntry(ByteBuffer out, byte[] text) {
        out.put((byte) (SHORT_TEXT | text.length)).put(text).put((byte) (1 + text.length));
    }

    private byte[] listed(byte[] time, byte[][] values, int bytes) {
        ByteBuffer out =
                ByteBuffer.allocate(1 + 5 + bytes + 2 * 5 * fields.size()).order(ByteOrder.LITTLE_ENDIAN);
        putLength(out.put(FIELDS), fields.size());
        for (int i = 0; i < fields.size(); i++) {
            putText(out, fields.get(i));
            putText(out, i == 0 ? time : values[i - 1]);
        }
        return finished(out);
    }

    private static void putText(ByteBuffer out, byte[] text) {
        putLength(out, text.length);
        out.put(text);
    }

    /** A length in one, two or five bytes, the highest first. */
    private static void putLength(ByteBuffer out, int length) {
        if (length < 1 << 6) {
            out.put((byte) length);
        } else if (length < 1 << 14) {
            out.put((byte) (0x40 | (length >> 8))).put((byte) length);
        } else {
            out.put((byte) 0x80).putInt(Integer.reverseBytes(length));
        }
    }

    private static byte[] finished(ByteBuffer content) {
        byte[] bytes = new byte[content.position() + FOOTER];
        int checked = bytes.length - Long.BYTES;
        content.flip().get(bytes, 0, content.limit());
        ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort(checked - Short.BYTES, VERSION)
                .putLong(checked, Crc64.of(bytes, checked));
        return bytes;
    }

    /** What a listpack has in another form: Redis looks for it there. */
    private static boolean isNumber(byte[] text) {
        for (byte one : text) {
            if (one != '-' && (one < '0' || one > '9')) {
                return false;
            }
        }
        return true;
    }
}
