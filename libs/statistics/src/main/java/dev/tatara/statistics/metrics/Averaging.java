package dev.tatara.statistics.metrics;

/** How precision, recall and F1 of single classes become one number. */
public enum Averaging {
    /** Those of the positive class alone. */
    Binary,
    /** The mean over all classes, each counting the same. */
    Macro,
    /** From the counts of all classes together. */
    Micro,
    /** The mean over all classes, each counting by its rows. */
    Weighted
}
