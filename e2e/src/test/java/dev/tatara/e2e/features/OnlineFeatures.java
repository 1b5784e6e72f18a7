package dev.tatara.e2e.features;

import dev.tatara.e2e.cluster.OnlineStore;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What Redis holds of one view, whose entity has one INT64 key. Values are in hexadecimal.
 *
 * @param store the Redis
 * @param project the view's project
 * @param view its name
 * @param joinKey its key's column
 * @param features its features
 */
public record OnlineFeatures(OnlineStore store, String project, String view, String joinKey, List<String> features) {
    private static final String TIME = "event time";

    /** An entity's row: by feature, and the event time; empty where there is none. */
    public Map<String, String> row(long entity) {
        return named(store.hash(FeastLayout.key(joinKey, entity, project)));
    }

    /** The row that Redis should hold: Long, Double, String or null for each feature, in the view's order. */
    public Map<String, String> expected(Instant eventTime, Object... values) {
        var row = new LinkedHashMap<String, String>();
        row.put(TIME, FeastLayout.time(eventTime));
        for (var i = 0; i < values.length; i++) {
            row.put(features.get(i), FeastLayout.value(values[i]));
        }
        return row;
    }

    /** All rows of the view, by the entity's key. */
    public SortedMap<String, Map<String, String>> all() {
        var rows = new TreeMap<String, Map<String, String>>();
        for (var key : store.keysEndingWith(project)) {
            var row = named(store.hash(key));
            if (!row.isEmpty()) {
                rows.put(key, row);
            }
        }
        return rows;
    }

    /** Entities share a hash with other views of the project: only this view's fields count. */
    private Map<String, String> named(Map<String, String> hash) {
        var row = new LinkedHashMap<String, String>();
        if (hash.containsKey(FeastLayout.timeField(view))) {
            row.put(TIME, hash.get(FeastLayout.timeField(view)));
        }
        for (var feature : features) {
            var field = FeastLayout.field(view, feature);
            if (hash.containsKey(field)) {
                row.put(feature, hash.get(field));
            }
        }
        return row;
    }
}
