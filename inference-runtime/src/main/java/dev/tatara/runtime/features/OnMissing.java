package dev.tatara.runtime.features;

/** What happens with a row that has no value of a feature. */
public enum OnMissing {
    /** The request is answered 422. */
    REJECT,
    /** The feature's default where it has one, else not a number; 422 where the input knows no such thing. */
    NULL,
    /** The feature's default where it has one, else 422. */
    DEFAULT
}
