package dev.tatara.features;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;

/**
 * What to ask Redis for to get the features of some views for an entity, and what its answers mean. Views of one project
 * with the same join keys share a Redis key, so they are one {@link Lookup}: one HMGET.
 *
 * <p>Made once; immutable and safe for use by several threads. For each entity:
 *
 * <pre>{@code
 * FeatureRow row = read.newRow();              // may be used again: decode() fills in all of its lookup's features
 * for (OnlineRead.Lookup lookup : read.lookups()) {
 *     byte[] key = lookup.key(values of lookup.joinKeys());
 *     reply = HMGET key lookup.fields()…
 *     lookup.decode(reply::bytesAt, now, row);
 * }
 * }</pre>
 */
public final class OnlineRead {
    private final List<OnlineView> views;
    private final List<Lookup> lookups;
    final OnlineFeature[] features;
    final int[] viewOfFeature;
    final byte[][] defaults;

    /**
     * Plans to read all features of some views.
     *
     * @throws IllegalArgumentException where two features share a field of one Redis key
     */
    public OnlineRead(List<OnlineView> views) {
        this.views = List.copyOf(views);
        int size = views.stream().mapToInt(view -> view.features().size()).sum();
        features = new OnlineFeature[size];
        viewOfFeature = new int[size];
        defaults = new byte[size][];
        record Entity(String project, List<JoinKey> sortedKeys) {}
        Map<Entity, List<Part>> byEntity = new LinkedHashMap<>();
        int first = 0;
        for (int number = 0; number < this.views.size(); number++) {
            OnlineView view = this.views.get(number);
            for (int i = 0; i < view.features().size(); i++) {
                OnlineFeature feature = view.features().get(i);
                features[first + i] = feature;
                viewOfFeature[first + i] = number;
                defaults[first + i] = feature.defaultValue() == null
                        ? null
                        : ValueCodec.encode(feature.type(), feature.defaultValue());
            }
            List<JoinKey> sorted = view.joinKeys().stream()
                    .sorted(Comparator.comparing(JoinKey::name))
                    .toList();
            byEntity.computeIfAbsent(new Entity(view.project(), sorted), entity -> new ArrayList<>())
                    .add(new Part(view, number, first));
            first += view.features().size();
        }
        lookups = byEntity.values().stream().map(Lookup::new).toList();
    }

    /** The views, in the order given. */
    public List<OnlineView> views() {
        return views;
    }

    /** How many features a row has: those of the first view, then those of the second, and so on. */
    public int size() {
        return features.length;
    }

    /** The feature at this index of a row. */
    public OnlineFeature feature(int index) {
        return features[index];
    }

    /** The view of the feature at this index of a row. */
    public OnlineView view(int index) {
        return views.get(viewOfFeature[index]);
    }

    /** The questions to Redis for one entity row. */
    public List<Lookup> lookups() {
        return lookups;
    }

    /** A row in which nothing is found yet. */
    public FeatureRow newRow() {
        return new FeatureRow(this);
    }

    /** A view within a lookup. */
    private record Part(OnlineView view, int number, int firstFeature) {}

    /** One HMGET. */
    public final class Lookup {
        private final List<JoinKey> joinKeys;
        private final EntityKeyFormat format;
        private final Part[] parts;
        private final byte[][] fields;

        private Lookup(List<Part> parts) {
            OnlineView any = parts.getFirst().view();
            joinKeys = any.joinKeys();
            format = new EntityKeyFormat(any.project(), joinKeys);
            this.parts = parts.toArray(Part[]::new);
            List<byte[]> names = new ArrayList<>();
            Map<Integer, String> known = new LinkedHashMap<>();
            for (Part part : parts) {
                OnlineView view = part.view();
                names.add(OnlineField.ofEventTime(view.name()));
                for (OnlineFeature feature : view.features()) {
                    String here = view.name() + ":" + feature.name();
                    String other = known.put(OnlineField.hash(view.name(), feature.name()), here);
                    if (other != null && !other.equals(here)) {
                        throw new IllegalArgumentException(other + " and " + here
                                + " have the same field in the online store: rename one of them");
                    }
                    names.add(OnlineField.of(view.name(), feature.name()));
                }
            }
            fields = names.toArray(byte[][]::new);
        }

        /** The join keys whose values make the key, in this order. */
        public List<JoinKey> joinKeys() {
            return joinKeys;
        }

        /**
         * The Redis key of an entity.
         *
         * @param values of {@link #joinKeys()}
         * @throws IllegalArgumentException where a value is null or doesn't fit its join key
         */
        public byte[] key(Object... values) {
            return format.encode(values);
        }

        /** How many fields HMGET is asked for. */
        public int fieldCount() {
            return fields.length;
        }

        /** A field that HMGET is asked for. The array is the lookup's own and not to be changed. */
        public byte[] field(int index) {
            return fields[index];
        }

        /** The fields that HMGET is asked for, in their order. */
        public List<byte[]> fields() {
            return List.of(fields);
        }

        /**
         * Fills this lookup's features into a row, all of them.
         *
         * @param reply Redis' answer: the value of the field at an index, null for nil
         * @param now what times to live are counted from
         */
        public void decode(IntFunction<byte[]> reply, Instant now, FeatureRow row) {
            row.requireOf(OnlineRead.this);
            int field = 0;
            for (Part part : parts) {
                byte[] time = reply.apply(field++);
                boolean counts = row.eventTime(part.number(), time, part.view().ttl(), now);
                for (int i = 0; i < part.view().features().size(); i++) {
                    row.value(part.firstFeature() + i, reply.apply(field++), counts);
                }
            }
        }

        /** Takes this lookup's features for not found: nobody answered, say. */
        public void decodeNothing(FeatureRow row) {
            decode(index -> null, Instant.EPOCH, row);
        }

        @Override
        public String toString() {
            return Arrays.stream(parts).map(part -> part.view().name()).toList() + " by "
                    + joinKeys.stream().map(JoinKey::name).toList();
        }
    }

    @Override
    public String toString() {
        return Objects.toString(lookups);
    }
}
