package dev.tatara.runtime.inference;

import dev.tatara.onnx.ValueInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which keys of entities a request may bring in the place of features, and where in the model's inputs the features go
 * that are looked up by them. Of one model; immutable.
 */
public final class EntityLayout {
    private final List<ValueInfo> keys;
    private final Map<String, Integer> positions = new HashMap<>();
    private final int[][] features;
    private final int size;

    /**
     * @param keys the keys of entities, each a value per row
     * @param features by input and column: the feature that is looked up for it, −1 for none. Empty for an input that
     *     takes none. An input whose only column is a list's has one column here
     * @param size how many features there are
     */
    @SuppressWarnings("ArrayRecordComponent")
    public EntityLayout(List<ValueInfo> keys, int[][] features, int size) {
        this.keys = List.copyOf(keys);
        this.features = features.clone();
        this.size = size;
        for (int i = 0; i < keys.size(); i++) {
            positions.put(keys.get(i).name(), i);
        }
    }

    /** The keys of entities. */
    public List<ValueInfo> keys() {
        return keys;
    }

    /** The position of a key among {@link #keys()}, −1 if there is none of this name. */
    public int key(String name) {
        return positions.getOrDefault(name, -1);
    }

    /** How many features there are. */
    public int size() {
        return size;
    }

    /** The feature that is looked up for a column of an input, −1 where none is. */
    public int feature(int input, int column) {
        return column < features[input].length ? features[input][column] : -1;
    }

    /** Columns of an input for which features are known, 0 if it takes none. */
    public int columns(int input) {
        return features[input].length;
    }

    /** Whether all of an input can be looked up. */
    public boolean covers(int input) {
        for (int feature : features[input]) {
            if (feature < 0) {
                return false;
            }
        }
        return features[input].length > 0;
    }

    /** The keys' names as people read them. */
    public String names() {
        StringBuilder names = new StringBuilder();
        for (ValueInfo key : keys) {
            names.append(names.isEmpty() ? "\"" : ", \"").append(key.name()).append('"');
        }
        return names.toString();
    }
}
