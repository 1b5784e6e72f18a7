package dev.tatara.statistics.drift;

/** What is done about testing many columns at once. */
public enum Correction {
    None,
    /**
     * Benjamini and Hochberg 1995: of the columns that are called drifted, the share that isn't is the p-values' bound
     * at most, on average. For verdicts by p-value; distances have no error rate to correct.
     */
    BenjaminiHochberg
}
