package dev.tatara.runtime.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tatara.features.OnlineRead;
import dev.tatara.runtime.inference.RequestException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * What online stores said for one request, in their own bytes. It is noted where the request is to be copied and goes along
 * with the copy, so that both are answered by the same values, of the same time. Used on one event loop.
 */
public final class FoundFeatures {
    private static final int NOTHING = -1;

    private final Instant at;
    private final boolean counts;
    private final Map<Entity, Map<ByteBuffer, byte[]>> values = new LinkedHashMap<>();

    /** A key of a store. */
    private record Entity(String store, ByteBuffer key) {
        static Entity of(String store, byte[] key) {
            return new Entity(store, ByteBuffer.wrap(key));
        }
    }

    private FoundFeatures(Instant at, boolean counts) {
        this.at = at;
        this.counts = counts;
    }

    /** For a request that is going to be copied. */
    public static FoundFeatures ofOriginal() {
        return new FoundFeatures(Instant.now(), true);
    }

    /** For a copy that brought none. */
    public static FoundFeatures ofCopy() {
        return new FoundFeatures(Instant.now(), false);
    }

    /**
     * For a copy that brought these.
     *
     * @throws RequestException where they can't be read
     */
    public static FoundFeatures ofCopy(byte[] bytes) throws RequestException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            FoundFeatures found = new FoundFeatures(Instant.ofEpochSecond(in.getLong(), in.getInt()), false);
            while (in.hasRemaining()) {
                found.read(in);
            }
            return found;
        } catch (BufferUnderflowException | DateTimeException e) {
            throw RequestException.bad("the features that came with the copy can't be read: " + e);
        }
    }

    private void read(ByteBuffer in) {
        String store = new String(bytes(in, in.getInt()), UTF_8);
        Map<ByteBuffer, byte[]> fields = fields(Entity.of(store, bytes(in, in.getInt())));
        int count = in.getInt();
        for (int i = 0; i < count; i++) {
            ByteBuffer field = ByteBuffer.wrap(bytes(in, in.getInt()));
            int length = in.getInt();
            fields.put(field, length == NOTHING ? null : bytes(in, length));
        }
    }

    private Map<ByteBuffer, byte[]> fields(Entity entity) {
        return values.computeIfAbsent(entity, any -> new HashMap<>());
    }

    private static byte[] bytes(ByteBuffer in, int length) {
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    /** When they were found: times to live are counted from then. */
    Instant at() {
        return at;
    }

    /** Whether lookups for the request are counted. */
    boolean counts() {
        return counts;
    }

    /** Whether all fields are known that a lookup asks a store's key for. */
    boolean has(String store, byte[] key, OnlineRead.Lookup lookup) {
        Map<ByteBuffer, byte[]> fields = values.get(Entity.of(store, key));
        if (fields == null) {
            return false;
        }
        for (int i = 0; i < lookup.fieldCount(); i++) {
            if (!fields.containsKey(ByteBuffer.wrap(lookup.field(i)))) {
                return false;
            }
        }
        return true;
    }

    /** Notes what a store said. What is known already stays as it is. */
    void add(String store, byte[] key, OnlineRead.Lookup lookup, IntFunction<byte[]> reply) {
        Map<ByteBuffer, byte[]> fields = fields(Entity.of(store, key));
        for (int i = 0; i < lookup.fieldCount(); i++) {
            ByteBuffer field = ByteBuffer.wrap(lookup.field(i));
            if (!fields.containsKey(field)) {
                fields.put(field, reply.apply(i));
            }
        }
    }

    /** The values of a lookup's fields by their positions; null for nil. */
    IntFunction<byte[]> values(String store, byte[] key, OnlineRead.Lookup lookup) {
        Map<ByteBuffer, byte[]> fields = values.get(Entity.of(store, key));
        return index -> fields.get(ByteBuffer.wrap(lookup.field(index)));
    }

    /** As they go along with a copy. */
    public byte[] toBytes() {
        ByteBuffer out = ByteBuffer.allocate(size());
        out.putLong(at.getEpochSecond()).putInt(at.getNano());
        values.forEach((entity, fields) -> {
            put(out, ByteBuffer.wrap(entity.store().getBytes(UTF_8)));
            put(out, entity.key());
            out.putInt(fields.size());
            fields.forEach((field, value) -> {
                put(out, field);
                if (value == null) {
                    out.putInt(NOTHING);
                } else {
                    put(out, ByteBuffer.wrap(value));
                }
            });
        });
        return out.array();
    }

    private int size() {
        int size = Long.BYTES + Integer.BYTES;
        for (Map.Entry<Entity, Map<ByteBuffer, byte[]>> entry : values.entrySet()) {
            size += 3 * Integer.BYTES
                    + entry.getKey().store().getBytes(UTF_8).length
                    + entry.getKey().key().remaining();
            for (Map.Entry<ByteBuffer, byte[]> field : entry.getValue().entrySet()) {
                size += 2 * Integer.BYTES
                        + field.getKey().remaining()
                        + (field.getValue() == null ? 0 : field.getValue().length);
            }
        }
        return size;
    }

    private static void put(ByteBuffer out, ByteBuffer bytes) {
        out.putInt(bytes.remaining()).put(bytes.duplicate());
    }
}
