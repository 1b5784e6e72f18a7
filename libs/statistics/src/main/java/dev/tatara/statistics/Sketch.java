package dev.tatara.statistics;

/** A summary of a stream of values in bounded memory. */
public sealed interface Sketch permits NumberSketch, CategorySketch {

    /** Values seen, missing ones included. */
    long count();

    /** Values that were missing: null, or not a number. */
    long missing();

    /** A copy that lives on its own. */
    Sketch copy();
}
