package dev.tatara.features;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A view of features as the online store has it.
 *
 * @param project the project in the store's keys
 * @param name the view's name
 * @param joinKeys the parts of the entity's key, in the order in which callers give their values
 * @param features the features that are read or written, in the order in which callers give or get their values
 * @param ttl how long after its event time a value counts; zero for ever
 */
public record OnlineView(
        String project, String name, List<JoinKey> joinKeys, List<OnlineFeature> features, Duration ttl) {
    public OnlineView {
        Objects.requireNonNull(project, "project");
        Objects.requireNonNull(name, "name");
        joinKeys = List.copyOf(joinKeys);
        features = List.copyOf(features);
        if (joinKeys.isEmpty()) {
            throw new IllegalArgumentException("view " + name + ": expected a join key, found none");
        }
        if (ttl.isNegative()) {
            throw new IllegalArgumentException("view " + name + ": expected a ttl of zero or more, found " + ttl);
        }
        Set<String> names = new HashSet<>();
        for (JoinKey key : joinKeys) {
            if (!names.add(key.name())) {
                throw new IllegalArgumentException("view " + name + ": the join key " + key.name() + " is named twice");
            }
        }
        requireOwnFields(name, features);
    }

    /** Fields have four bytes: two names of one view may share them, however rarely, and would share their values. */
    private static void requireOwnFields(String view, List<OnlineFeature> features) {
        Map<Integer, String> fields = new HashMap<>();
        for (OnlineFeature feature : features) {
            String other = fields.put(OnlineField.hash(view, feature.name()), feature.name());
            if (other != null) {
                throw new IllegalArgumentException("view " + view + ": the features " + other + " and " + feature.name()
                        + " have the same field in the online store: rename one of them");
            }
        }
    }
}
