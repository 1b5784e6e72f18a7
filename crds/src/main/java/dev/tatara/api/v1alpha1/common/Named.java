package dev.tatara.api.v1alpha1.common;

/** An element of a list that is a map by name: names are unique in it, and server-side apply merges by name. */
public interface Named {
    /** The key in its list. */
    String name();
}
