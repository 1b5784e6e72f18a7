package dev.tatara.statistics.drift;

/** How two distributions are compared. The names are those of the API, {@link #ChiSquareFit} aside. */
public enum Method {
    /** The default choice of Evidently 0.7, by the kind of column and the number of the reference's values. */
    Auto,
    /** Largest difference of the distribution functions. For numbers; bound by p-value or by distance, 0 to 1. */
    KolmogorovSmirnov,
    /** Pearson's chi-square of two samples. For categories, and numbers with few values; bound by p-value. */
    ChiSquare,
    /**
     * Pearson's chi-square of live counts against the reference's shares, these taken for exact: what Evidently
     * computes. Finds drift far too often where the reference is a sample that isn't much larger than the live one.
     */
    ChiSquareFit,
    /** z of two proportions: of the smallest value against all others. For two categories; bound by p-value. */
    ZTest,
    /** First Wasserstein distance in standard deviations of the reference. For numbers; bound by distance. */
    Wasserstein,
    /** Population stability index. Bound by distance. */
    PSI,
    /** Jensen-Shannon distance (the root of the divergence, natural logarithm), 0 to 0.8326. Bound by distance. */
    JensenShannon,
    /** Kullback-Leibler divergence of the reference from the live data, natural logarithm. Bound by distance. */
    KullbackLeibler;

    /** Largest p-value that counts as drift where nothing else is said. */
    public static final double DEFAULT_P_VALUE = 0.05;

    /** Smallest distance that counts as drift where nothing else is said. */
    public static final double DEFAULT_DISTANCE = 0.1;

    /** Whether a bound may be given in a unit. */
    public boolean takes(Unit unit) {
        return switch (this) {
            case Auto, KolmogorovSmirnov -> true;
            case ChiSquare, ChiSquareFit, ZTest -> unit == Unit.PValue;
            case Wasserstein, PSI, JensenShannon, KullbackLeibler -> unit == Unit.Distance;
        };
    }

    /** Whether it has a p-value, whatever its bound is. */
    public boolean hasPValue() {
        return switch (this) {
            case KolmogorovSmirnov, ChiSquare, ChiSquareFit, ZTest -> true;
            case Auto, Wasserstein, PSI, JensenShannon, KullbackLeibler -> false;
        };
    }

    /** Bound where none is given; not of {@link #Auto}, which chooses the method first. */
    Bound defaultBound() {
        return hasPValue() ? Bound.pValue(DEFAULT_P_VALUE) : Bound.distance(DEFAULT_DISTANCE);
    }
}
