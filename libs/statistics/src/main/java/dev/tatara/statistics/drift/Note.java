package dev.tatara.statistics.drift;

/** What is special about a comparison. */
public enum Note {
    None,
    /** Fewer rows than asked for, or fewer than two values on a side: not judged. */
    InsufficientData,
    /** The reference has the column, live data haven't: drifted. */
    Vanished,
    /** Live data have the column, the reference hasn't: not judged. */
    New,
    /** Numbers on one side, categories on the other: drifted. */
    KindChanged,
    /** Values on one side, only missing ones on the other: drifted. */
    OneSideMissing,
    /** Only missing values on both sides: the same. */
    AllMissing,
    /** One and the same value on both sides: the same. */
    Constant,
    /** The method isn't for this kind of column; the one that {@link Method#Auto} takes was used with its own bound. */
    OtherMethod,
    /** Live data have categories that the reference hasn't. */
    UnseenCategories,
    /** So many categories, so few samples: samples of one distribution differ as much as any could. */
    TooManyCategories
}
