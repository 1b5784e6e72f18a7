package dev.tatara.features;

import java.util.Objects;

/**
 * A feature of a view in the online store.
 *
 * @param name its name
 * @param type its values' type
 * @param defaultValue what stands in for a value that is missing, of the class that {@link FeatureType} names; null for
 *     none
 */
public record OnlineFeature(String name, FeatureType type, Object defaultValue) {
    public OnlineFeature {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
    }

    /** A feature without a default. */
    public OnlineFeature(String name, FeatureType type) {
        this(name, type, null);
    }
}
