package dev.tatara.statistics.search;

/** Which direction of an objective is good. */
public enum Goal {
    Maximize,
    Minimize;

    /** The objective turned so that less is better; NaN is worst. */
    double loss(double objective) {
        if (Double.isNaN(objective)) {
            return Double.POSITIVE_INFINITY;
        }
        return this == Minimize ? objective : -objective;
    }
}
