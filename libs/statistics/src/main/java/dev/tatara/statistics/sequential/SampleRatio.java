package dev.tatara.statistics.sequential;

import dev.tatara.statistics.distributions.IncompleteGamma;

/**
 * Whether units came to two sides in the ratio in which they were sent. Where they didn't, some are lost on one side
 * alone (a crash, a client that gives up), and what is left of the two can't be compared.
 *
 * <p>Each unit is the candidate's with a known probability w. The likelihood ratio of the counts, with w drawn from a Beta
 * distribution about it, against w itself, is a martingale of mean 1 (Lindon, Malek 2022, Anytime-valid inference for
 * multinomial count data); its inverse is a p-value at any time, exact.
 */
public final class SampleRatio {
    /** What is usual: at so many experiments nobody would look twice, below it something is broken. */
    public static final double ALARM = 0.001;

    /** Units that the Beta distribution is worth: shares within a few per cent of the one that was meant are likely. */
    private static final double CONCENTRATION = 1000;

    private SampleRatio() {}

    /**
     * That units came as they were sent.
     *
     * @param stable units that came to stable
     * @param candidate units that came to the candidate
     * @param candidateShare of the units that are sent to the candidate, between 0 and 1
     * @return 0 to 1
     */
    public static double pValue(long stable, long candidate, double candidateShare) {
        if (stable < 0 || candidate < 0 || !(candidateShare > 0 && candidateShare < 1)) {
            throw new IllegalArgumentException("expected 0 or more units and a share between 0 and 1, found: " + stable
                    + ", " + candidate + ", " + candidateShare);
        }
        double a = CONCENTRATION * candidateShare;
        double b = CONCENTRATION * (1 - candidateShare);
        double log = logBeta(a + candidate, b + stable)
                - logBeta(a, b)
                - candidate * Math.log(candidateShare)
                - stable * Math.log1p(-candidateShare);
        return Math.min(1, Math.exp(-log));
    }

    private static double logBeta(double a, double b) {
        return IncompleteGamma.logGamma(a) + IncompleteGamma.logGamma(b) - IncompleteGamma.logGamma(a + b);
    }
}
