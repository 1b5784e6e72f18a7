package dev.tatara.statistics.drift;

/** What a bound is measured in. */
public enum Unit {
    /** 0 or more; the larger, the more two distributions differ. Drift is at the bound or above. */
    Distance,
    /** 0 to 1; how often samples of one distribution differ at least as much. Drift is at the bound or below. */
    PValue
}
