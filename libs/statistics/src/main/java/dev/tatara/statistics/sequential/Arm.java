package dev.tatara.statistics.sequential;

/**
 * What is known of one side of an experiment: independent values, one of each unit that was sent to a side by chance.
 *
 * @param count units, 0 or more
 * @param mean of their values; 0 without units
 * @param variance of their values, 0 or more; 0 for fewer than two
 */
public record Arm(long count, double mean, double variance) {
    public Arm {
        if (count < 0 || !Double.isFinite(mean) || !(variance >= 0 && variance < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("expected 0 or more units with a mean and a variance, found: " + count
                    + ", " + mean + ", " + variance);
        }
    }

    /**
     * Of units that succeed or don't. Half a success and half a failure are added for the variance, as Agresti and Caffo
     * do: without, a side on which nobody has succeeded yet would be known for certain.
     *
     * @param count units, 0 or more
     * @param successes of these
     */
    public static Arm ofProportion(long count, long successes) {
        if (successes < 0 || successes > count) {
            throw new IllegalArgumentException("expected 0 to %d successes, found %d".formatted(count, successes));
        }
        double share = (successes + 0.5) / (count + 1.0);
        return new Arm(count, count == 0 ? 0 : (double) successes / count, share * (1 - share));
    }
}
