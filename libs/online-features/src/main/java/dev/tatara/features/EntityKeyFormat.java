package dev.tatara.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Makes the Redis keys of entities: Feast's serialization of entity keys, version 3, with the project's name behind it.
 * All integers have four bytes, the lowest first:
 *
 * <pre>
 *   number of join keys
 *   per join key, sorted by name:  2  length  name
 *   per value, in the same order:  type  length  bytes
 *   project
 * </pre>
 *
 * <p>Immutable and safe for use by several threads.
 */
public final class EntityKeyFormat {
    private final List<JoinKey> joinKeys;
    private final int[] order;
    private final byte[] names;
    private final byte[] project;

    /**
     * Keys of a project's entities.
     *
     * @param project the project's name
     * @param joinKeys the parts of the key in the order in which their values will be given, which doesn't matter to the
     *     keys
     */
    public EntityKeyFormat(String project, List<JoinKey> joinKeys) {
        this.joinKeys = List.copyOf(joinKeys);
        this.project = project.getBytes(UTF_8);
        byte[][] encoded = new byte[joinKeys.size()][];
        for (int i = 0; i < encoded.length; i++) {
            encoded[i] = joinKeys.get(i).name().getBytes(UTF_8);
        }
        // By bytes, which is by code points, as Feast sorts.
        order = IntStream.range(0, encoded.length)
                .boxed()
                .sorted(Comparator.comparing(i -> encoded[i], Arrays::compareUnsigned))
                .mapToInt(Integer::intValue)
                .toArray();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        writeInt(out, encoded.length);
        for (int i : order) {
            writeInt(out, FeatureType.STRING.field());
            writeInt(out, encoded[i].length);
            out.writeBytes(encoded[i]);
        }
        names = out.toByteArray();
    }

    /**
     * The key of one entity.
     *
     * @param values in the order of the join keys, of the classes that {@link FeatureType} names, or such as {@link
     *     ValueCodec#encode} takes
     * @throws IllegalArgumentException where a value is null or doesn't fit its type, or their number is another
     */
    public byte[] encode(Object... values) {
        if (values.length != joinKeys.size()) {
            throw new IllegalArgumentException(
                    "expected values of " + joinKeys.size() + " join keys, found " + values.length);
        }
        byte[][] encoded = new byte[values.length][];
        int length = names.length + project.length;
        for (int i = 0; i < values.length; i++) {
            encoded[i] = bytes(joinKeys.get(i), values[i]);
            length += 8 + encoded[i].length;
        }
        byte[] key = Arrays.copyOf(names, length);
        int at = names.length;
        for (int i : order) {
            LittleEndian.putInt(key, at, joinKeys.get(i).type().field());
            LittleEndian.putInt(key, at + 4, encoded[i].length);
            System.arraycopy(encoded[i], 0, key, at + 8, encoded[i].length);
            at += 8 + encoded[i].length;
        }
        System.arraycopy(project, 0, key, at, project.length);
        return key;
    }

    private static byte[] bytes(JoinKey key, Object value) {
        if (value == null) {
            throw new IllegalArgumentException("expected a value of the join key " + key.name() + ", found null");
        }
        Object known = Conversion.to(key.type(), value);
        return switch (key.type()) {
            case BYTES -> (byte[]) known;
            case STRING -> ((String) known).getBytes(UTF_8);
            case INT32 -> {
                byte[] bytes = new byte[4];
                LittleEndian.putInt(bytes, 0, (Integer) known);
                yield bytes;
            }
            case INT64 -> LittleEndian.ofLong((Long) known);
            case UNIX_TIMESTAMP -> LittleEndian.ofLong(((Instant) known).getEpochSecond());
            // Feast has keys of truth values in its types and none in its keys: this is what they would look like.
            case BOOL -> new byte[] {(byte) ((Boolean) known ? 1 : 0)};
            case FLOAT,
                    DOUBLE,
                    BYTES_LIST,
                    STRING_LIST,
                    INT32_LIST,
                    INT64_LIST,
                    FLOAT_LIST,
                    DOUBLE_LIST,
                    BOOL_LIST,
                    UNIX_TIMESTAMP_LIST -> throw new IllegalStateException("no key: " + key);
        };
    }

    private static void writeInt(ByteArrayOutputStream out, int value) {
        byte[] bytes = new byte[4];
        LittleEndian.putInt(bytes, 0, value);
        out.writeBytes(bytes);
    }
}
