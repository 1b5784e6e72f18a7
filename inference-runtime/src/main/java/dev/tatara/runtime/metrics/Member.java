package dev.tatara.runtime.metrics;

/** What one set of labels has in a family of histograms: counts by the family's bounds. */
interface Member {

    /** How many values each bucket has, not cumulative; the last is for what is above all bounds. */
    long[] counts();

    /** Sum of the values. */
    long sum();
}
