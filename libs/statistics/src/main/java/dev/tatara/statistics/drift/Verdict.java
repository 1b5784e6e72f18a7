package dev.tatara.statistics.drift;

/** What many columns say together. */
public enum Verdict {
    Good,
    /** Beyond the bound that is worth a warning. */
    Warning,
    Breached,
    /** Not one column could be judged. */
    InsufficientData
}
