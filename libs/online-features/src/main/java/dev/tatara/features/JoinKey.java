package dev.tatara.features;

import java.util.Objects;

/**
 * A part of an entity's key.
 *
 * @param name the join key, which is a column's name
 * @param type its type: neither a list nor a floating-point number
 */
public record JoinKey(String name, FeatureType type) {
    public JoinKey {
        Objects.requireNonNull(name, "name");
        if (!type.isKey()) {
            throw new IllegalArgumentException("join key " + name
                    + ": expected BYTES, STRING, INT32, INT64, BOOL or UNIX_TIMESTAMP, found " + type);
        }
    }
}
