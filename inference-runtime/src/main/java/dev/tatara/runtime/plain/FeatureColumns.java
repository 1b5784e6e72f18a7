package dev.tatara.runtime.plain;

import dev.tatara.runtime.inference.EntityKeys;
import dev.tatara.runtime.inference.InputTensor;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.json.JsonReader;
import dev.tatara.runtime.json.TensorReader;
import dev.tatara.runtime.model.ServedModel;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The named columns of a model's only input: values come by name, in any order. Reused, row by row. */
final class FeatureColumns {
    private final List<String> names;
    private final Map<String, Integer> places = new HashMap<>();
    private final int[] given;
    private final boolean[] seen;
    private int count;
    private boolean inOrder;

    private FeatureColumns(List<String> names) {
        this.names = names;
        for (int i = 0; i < names.size(); i++) {
            places.put(names.get(i), i);
        }
        given = new int[names.size()];
        seen = new boolean[names.size()];
    }

    /** Those of a model, or null where its columns have no names. */
    static FeatureColumns of(ServedModel model) {
        List<String> names = model.columns();
        return names.isEmpty() ? null : new FeatureColumns(names);
    }

    boolean has(String name) {
        return places.containsKey(name);
    }

    int count() {
        return names.size();
    }

    String names() {
        return "\"" + String.join("\", \"", names) + "\"";
    }

    void begin() {
        count = 0;
        inOrder = true;
        Arrays.fill(seen, false);
    }

    void read(String name, JsonReader parser, TensorReader tensors, InputTensor tensor, String where)
            throws RequestException {
        int place = places.get(name);
        if (seen[place]) {
            throw RequestException.bad(where + "feature \"" + name + "\" is given twice");
        }
        tensors.read(parser, tensor);
        if (tensors.rank() != 0) {
            throw RequestException.bad(where + "feature \"" + name + "\" must be one value, got an array");
        }
        seen[place] = true;
        inOrder &= place == count;
        given[count++] = place;
    }

    /**
     * Ends a row, putting its values in the order of the columns.
     *
     * @param keys takes note of what is left to be looked up; null where nothing is
     */
    void end(InputTensor tensor, EntityKeys keys, int row, String where) throws RequestException {
        for (int i = 0; i < seen.length; i++) {
            if (!seen[i]) {
                int feature = keys == null ? -1 : keys.layout().feature(0, i);
                if (feature < 0) {
                    throw RequestException.bad(where + "feature \"" + names.get(i) + "\" is missing");
                }
                keys.leave(row, feature);
                tensor.addEmpty(1);
                inOrder &= i == count;
                given[count++] = i;
            }
        }
        if (!inOrder) {
            tensor.reorderLast(given, count);
        }
    }
}
