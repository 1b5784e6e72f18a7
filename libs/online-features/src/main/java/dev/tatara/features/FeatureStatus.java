package dev.tatara.features;

/** What became of a feature that was looked up, by Feast's names. */
public enum FeatureStatus {
    /** The store has a value, and it counts still. */
    PRESENT,
    /** The store has a row of the entity, and in it the feature is null. */
    NULL_VALUE,
    /** The store knows the entity or the feature not at all. */
    NOT_FOUND,
    /** The store has a row, but its event time lies further back than the view's time to live. */
    OUTSIDE_MAX_AGE,
    /** The store has bytes that are no value of the type that the view declares. */
    INVALID
}
