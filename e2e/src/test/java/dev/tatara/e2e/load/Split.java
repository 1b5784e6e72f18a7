package dev.tatara.e2e.load;

/**
 * What a version got of some requests.
 *
 * @param found how many it answered
 * @param requests of how many
 * @param weight the percentage that it was to get
 */
public record Split(long found, long requests, int weight) {
    /** Standard normal deviate that 99.9 % are within. */
    private static final double DEVIATE = 3.2905;

    public static Split of(Calls calls, int factor, int weight) {
        return new Split(calls.answersOf(factor), calls.count(), weight);
    }

    /** Whether it is within what 99.9 % of sound splits are within (binomial, in normal approximation). */
    public boolean isUsual() {
        return Math.abs(found - expected()) <= reach();
    }

    private double expected() {
        return requests * weight / 100.0;
    }

    private double reach() {
        return DEVIATE * Math.sqrt(expected() * (1 - weight / 100.0));
    }

    @Override
    public String toString() {
        return "%d of %d (%.1f %%); 99.9 %% of sound splits by %d %% have %.0f to %.0f"
                .formatted(
                        found, requests, 100.0 * found / requests, weight, expected() - reach(), expected() + reach());
    }
}
