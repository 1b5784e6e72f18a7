package dev.tatara.statistics.sequential;

import java.util.List;

/**
 * Whether a candidate fails more often than stable: exact, and as valid after the thousandth look as after the first.
 *
 * <p>Requests are taken by buckets of time. Of a bucket's {@code f} failures of both sides, {@code x} are the
 * candidate's, which had a share {@code w} of the requests. If it is no worse, failures fall to it as balls are drawn
 * from an urn without replacement, whatever the rate of errors is just then and however it changes from bucket to
 * bucket; so (Hoeffding 1963, Theorem 4, for the convex ψ^x) for each odds ratio ψ &gt; 1
 *
 * <pre>  E(ψ) = Π ψ^x / (1 + (ψ − 1) w)^f  </pre>
 *
 * over buckets is an e-process: its mean is 1 at most at any stopping time. So is the mean over a fixed grid of ψ, and by
 * Ville's inequality the inverse of the highest value so far is a p-value at any time (Ramdas, Grünwald, Vovk, Shafer
 * 2023, Game-theoretic statistics and safe anytime-valid inference; Lindon, Malek 2022, Anytime-valid inference for
 * multinomial count data, for thinned streams of events; Grünwald, de Heide, Koolen 2024, Safe testing).
 *
 * <p>Holds where each request is sent to a side by chance. With sticky keys the keys are sent by chance: a few callers
 * with many failing requests are less evidence than it takes them for. It loses power where large parts of all requests
 * fail, where failures are no longer rare against requests, but never its level.
 */
public final class ErrorRates {
    /** Logarithms of odds ratios from 1.05 to 440, each 1.35 times the one before: none is far from the true one. */
    private static final double[] LOG_ODDS = logOdds();

    private ErrorRates() {}

    private static double[] logOdds() {
        double[] odds = new double[17];
        double log = 0.05;
        for (int i = 0; i < odds.length; i++) {
            odds[i] = log;
            log *= 1.35;
        }
        return odds;
    }

    /**
     * Requests of about the same time, of both sides.
     *
     * @param stable requests that were meant for stable
     * @param stableFailed of these
     * @param candidate requests that were meant for the candidate
     * @param candidateFailed of these
     */
    public record Bucket(long stable, long stableFailed, long candidate, long candidateFailed) {
        public Bucket {
            if (stableFailed < 0 || candidateFailed < 0 || stable < stableFailed || candidate < candidateFailed) {
                throw new IllegalArgumentException(
                        "expected 0 or more failures and as many requests or more, found %d of %d and %d of %d"
                                .formatted(stableFailed, stable, candidateFailed, candidate));
            }
        }
    }

    /**
     * What buckets say together.
     *
     * @param stable requests
     * @param stableFailed of these
     * @param candidate requests
     * @param candidateFailed of these
     * @param pValue that the candidate is no worse than stable, 0 to 1, valid at any time; further buckets never raise it
     */
    public record Found(long stable, long stableFailed, long candidate, long candidateFailed, double pValue) {
        /**
         * Whether the candidate is worse beyond chance.
         *
         * @param alpha how often one that isn't may be called so, over all looks together; above 0 and below 1
         */
        public boolean significantlyWorse(double alpha) {
            if (!(alpha > 0 && alpha < 1)) {
                throw new IllegalArgumentException("expected an alpha between 0 and 1, found " + alpha);
            }
            return pValue <= alpha;
        }

        /** Share of stable's requests that failed, 0 to 1; NaN without requests. */
        public double stableRate() {
            return (double) stableFailed / stable;
        }

        /** Share of the candidate's requests that failed, 0 to 1; NaN without requests. */
        public double candidateRate() {
            return (double) candidateFailed / candidate;
        }
    }

    /**
     * Compares.
     *
     * @param buckets all since the candidate got requests, in the order of time; at each look the earlier ones again.
     *     One in which a side had no requests tells nothing.
     */
    public static Found compare(List<Bucket> buckets) {
        double[] logs = new double[LOG_ODDS.length];
        double highest = 0;
        long stable = 0;
        long stableFailed = 0;
        long candidate = 0;
        long candidateFailed = 0;
        for (Bucket bucket : buckets) {
            stable += bucket.stable;
            stableFailed += bucket.stableFailed;
            candidate += bucket.candidate;
            candidateFailed += bucket.candidateFailed;
            long failed = bucket.stableFailed + bucket.candidateFailed;
            if (bucket.stable == 0 || bucket.candidate == 0 || failed == 0) {
                continue;
            }
            double share = (double) bucket.candidate / (bucket.stable + bucket.candidate);
            for (int i = 0; i < logs.length; i++) {
                logs[i] += bucket.candidateFailed * LOG_ODDS[i] - failed * Math.log1p(Math.expm1(LOG_ODDS[i]) * share);
            }
            highest = Math.max(highest, logOfMean(logs));
        }
        return new Found(stable, stableFailed, candidate, candidateFailed, Math.exp(-highest));
    }

    private static double logOfMean(double[] logs) {
        double most = Double.NEGATIVE_INFINITY;
        for (double log : logs) {
            most = Math.max(most, log);
        }
        double sum = 0;
        for (double log : logs) {
            sum += Math.exp(log - most);
        }
        return most + Math.log(sum / logs.length);
    }
}
