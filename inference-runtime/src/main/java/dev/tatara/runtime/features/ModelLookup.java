package dev.tatara.runtime.features;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tatara.features.FeatureRow;
import dev.tatara.features.FeatureStatus;
import dev.tatara.features.FeatureType;
import dev.tatara.features.JoinKey;
import dev.tatara.features.OnlineRead;
import dev.tatara.runtime.inference.EntityKeys;
import dev.tatara.runtime.inference.EntityLayout;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.InputTensor;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.metrics.LookupMeters;
import java.time.Instant;
import java.util.List;

/**
 * What is looked up for a model: which of its features are in which views, by which keys, and where their values go.
 * Immutable; shared by all event loops.
 */
public final class ModelLookup {
    private final EntityLayout layout;
    private final List<Group> groups;
    private final Place[] places;
    private final OnMissing onMissing;

    ModelLookup(EntityLayout layout, List<Group> groups, List<Place> places, OnMissing onMissing) {
        this.layout = layout;
        this.groups = List.copyOf(groups);
        this.places = places.toArray(Place[]::new);
        this.onMissing = onMissing;
    }

    /**
     * Features that one question to one Redis finds.
     *
     * @param store its position among the stores
     * @param first the number of the first feature; the others follow
     * @param keys positions of the question's keys among the layout's
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Group(int store, OnlineRead read, int first, int[] keys) {
        OnlineRead.Lookup lookup() {
            return read.lookups().getFirst();
        }

        int end() {
            return first + read.size();
        }
    }

    /**
     * Where a feature's value goes.
     *
     * @param perRow elements that a row of the input has
     * @param at the value's first element in the row
     * @param width how many elements it has
     */
    record Place(int input, int perRow, int at, int width) {}

    /** The keys that requests may bring, and what is looked up by them. */
    public EntityLayout layout() {
        return layout;
    }

    List<Group> groups() {
        return groups;
    }

    /**
     * The Redis key of an entity.
     *
     * @throws RequestException where the request lacks a part of it
     */
    byte[] key(Group group, InferenceRequest request, int row) throws RequestException {
        EntityKeys keys = request.entityKeys();
        List<JoinKey> parts = group.lookup().joinKeys();
        Object[] values = new Object[parts.size()];
        for (int i = 0; i < values.length; i++) {
            InputTensor key = keys.key(group.keys()[i]);
            if (key.count() <= row) {
                throw noKey(group, request, row, key);
            }
            values[i] = value(parts.get(i).type(), key, row);
        }
        return group.lookup().key(values);
    }

    private static Object value(FeatureType type, InputTensor key, int row) {
        return switch (type) {
            case INT64 -> key.data().get(JAVA_LONG_UNALIGNED, row * 8L);
            case INT32 -> key.data().get(JAVA_INT_UNALIGNED, row * 4L);
            case BOOL -> key.data().get(JAVA_BYTE, row) != 0;
            case UNIX_TIMESTAMP -> Instant.ofEpochSecond(key.data().get(JAVA_LONG_UNALIGNED, row * 8L));
            case STRING -> new String(key.texts().get(row), UTF_8);
            case BYTES -> key.texts().get(row);
            default -> throw new IllegalStateException("no key: " + type);
        };
    }

    private RequestException noKey(Group group, InferenceRequest request, int row, InputTensor key) {
        int feature = group.first();
        while (!request.entityKeys().isLeft(row, feature)) {
            feature++;
        }
        return RequestException.bad(where(request, row) + "feature \"" + name(group, feature)
                + "\" is missing: send it, or the entity key \"" + key.info().name() + "\" ("
                + key.info().datatype()
                + ") to have it looked up");
    }

    /**
     * Puts a row's values into the request's inputs: those that it left.
     *
     * @param found the group's row, as it was found
     * @param missing takes note of what can't be had
     * @param meters null where nothing is counted
     */
    void take(Group group, FeatureRow found, InferenceRequest request, int row, Missing missing, LookupMeters meters) {
        EntityKeys keys = request.entityKeys();
        for (int i = 0; i < group.read().size(); i++) {
            int feature = group.first() + i;
            if (!keys.isLeft(row, feature)) {
                continue;
            }
            FeatureStatus status = found.status(i);
            if (meters != null) {
                meters.found(group.read().view(i).name(), status);
            }
            Place place = places[feature];
            InputTensor tensor = request.input(place.input());
            int at = row * place.perRow() + place.at();
            String wrong = null;
            if (status == FeatureStatus.PRESENT || (onMissing != OnMissing.REJECT && found.hasValue(i))) {
                FeatureType type = group.read().feature(i).type();
                wrong = InputValues.put(found, i, type, tensor, at, place.width());
            } else if (onMissing == OnMissing.NULL
                    && InputValues.hasNotANumber(tensor.info().datatype())) {
                InputValues.putNotANumber(tensor, at, place.width());
            } else {
                wrong = "is " + status;
            }
            if (wrong != null) {
                missing.add(where(request, row) + "feature \""
                        + group.read().view(i).name() + ":"
                        + group.read().feature(i).name() + "\" " + wrong);
            }
        }
    }

    private static String where(InferenceRequest request, int row) {
        return request.rows() > 1 ? "row " + row + ": " : "";
    }

    private static String name(Group group, int feature) {
        return group.read().feature(feature - group.first()).name();
    }

    /** What can't be had for a request: the first thing, and how many there are. */
    static final class Missing {
        private String first;
        private int count;

        private void add(String what) {
            if (count++ == 0) {
                first = what;
            }
        }

        /** What to answer, null if all is there. */
        RequestException failure() {
            if (count == 0) {
                return null;
            }
            return new RequestException(
                    422,
                    "features can't be found: " + first + (count > 1 ? ", and " + (count - 1) + " more" : "")
                            + "; send them with the request, or have what is missing filled in"
                            + " (spec.features.onMissing)");
        }
    }
}
