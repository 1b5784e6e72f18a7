package dev.tatara.statistics.search;

import java.util.Map;

/**
 * A trial that is finished.
 *
 * @param number from 0, in the order in which they were proposed
 * @param values of the hyperparameters, by name; those that aren't searched are passed over
 * @param objective what was measured; NaN for a trial that diverged, which is worse than any number
 */
public record Trial(int number, Map<String, Value> values, double objective) {
    public Trial {
        values = Map.copyOf(values);
    }
}
