package dev.tatara.statistics.sequential;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** What is done about testing several things at once. */
public final class Spending {
    private Spending() {}

    /**
     * Which of several tests have found something, by Holm's step-down (1979, A simple sequentially rejective multiple
     * test procedure), p-values taken in units of their alphas: the smallest must reach an m-th of its alpha, the next an
     * (m − 1)-th, and so on. That one test or more finds something where there is nothing has a probability of the
     * largest alpha at most, however the tests depend on each other. Each alpha/m of Bonferroni's is spent as well here,
     * and more. Where the p-values are valid at any time, so is this: at each look again, without counting looks.
     *
     * @param pValues 0 to 1; NaN for a test that couldn't be made, which finds nothing and costs its part all the same
     * @param alphas as many, above 0 and below 1
     * @return as many: whether it has found something
     */
    public static boolean[] holm(double[] pValues, double[] alphas) {
        if (pValues.length != alphas.length) {
            throw new IllegalArgumentException(
                    "expected an alpha for each of " + pValues.length + " p-values, found " + alphas.length);
        }
        if (Arrays.stream(alphas).anyMatch(alpha -> !(alpha > 0 && alpha < 1))) {
            throw new IllegalArgumentException("expected alphas between 0 and 1, found " + Arrays.toString(alphas));
        }
        int[] order = IntStream.range(0, pValues.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> pValues[i] / alphas[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        boolean[] found = new boolean[pValues.length];
        for (int rank = 0; rank < order.length; rank++) {
            int i = order[rank];
            if (!(pValues[i] * (order.length - rank) <= alphas[i])) {
                break;
            }
            found[i] = true;
        }
        return found;
    }
}
