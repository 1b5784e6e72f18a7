package dev.tatara.contracts;

import java.util.Objects;

/**
 * Whether a gate of an evaluation holds, and by how much it doesn't.
 *
 * @param gate the gate in words, for example {@code accuracy >= 0.85} or {@code accuracy where region = north >= 0.75}
 * @param metric what was measured
 * @param slice {@code column=value} where the gate is about a slice, else null; of a gate that holds, the worst slice
 * @param value what was found; null where that is no number
 * @param min smallest good value, null without one
 * @param max largest good value, null without one
 * @param holds whether the value is good; a value that isn't there never is
 * @param missedBy how far the value is beyond its bound, above 0; null where the gate holds or there is no value
 * @param reason what happened and what to do about it, where the gate doesn't hold; else null or a remark
 */
public record GateVerdict(
        String gate,
        String metric,
        String slice,
        Double value,
        Double min,
        Double max,
        boolean holds,
        Double missedBy,
        String reason) {
    public GateVerdict {
        Objects.requireNonNull(gate, "gate");
        Objects.requireNonNull(metric, "metric");
    }
}
