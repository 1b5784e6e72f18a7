package dev.tatara.statistics.drift;

/** Pearson's chi-square, and z of two proportions, of shares. */
final class ChiSquares {
    /** Values that must be expected in a cell for the statistic to be about chi-square (Cochran 1954). */
    static final double LEAST_EXPECTED = 5;

    /** Values that must be expected in the cell of all rare ones, which alone may have fewer. */
    static final double LEAST_TOGETHER = 1;

    private ChiSquares() {}

    /** Of two samples, each a row of the table: SciPy's {@code chi2_contingency(…, correction=False)}. */
    static double ofSamples(Table table) {
        double n = table.referenceValues();
        double m = table.currentValues();
        double sum = 0;
        for (int i = 0; i < table.cells(); i++) {
            double p = table.reference()[i];
            double q = table.current()[i];
            if (p + q > 0) {
                sum += (p - q) * (p - q) / (n * p + m * q);
            }
        }
        return n * m * sum;
    }

    /**
     * Of live counts against what the reference's shares make expect: SciPy's {@code chisquare}. Infinite where a
     * category is seen that the reference hasn't.
     */
    static double ofFit(Table table) {
        double sum = 0;
        for (int i = 0; i < table.cells(); i++) {
            double p = table.reference()[i];
            double q = table.current()[i];
            if (p + q > 0) {
                sum += (q - p) * (q - p) / p;
            }
        }
        return table.currentValues() * sum;
    }

    /** The share of all but the first cell, reference minus live data, over its standard error if both are the same. */
    static double z(Table table) {
        double n = table.referenceValues();
        double m = table.currentValues();
        double p = 1 - table.reference()[0];
        double q = 1 - table.current()[0];
        double pooled = (n * p + m * q) / (n + m);
        double variance = pooled * (1 - pooled) * table.spread();
        return p == q || variance <= 0 ? 0 : (p - q) / Math.sqrt(variance);
    }
}
