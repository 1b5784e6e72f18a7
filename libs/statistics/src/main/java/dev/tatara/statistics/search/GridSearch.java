package dev.tatara.statistics.search;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every point of a grid once, in an order that the seed shuffles: a budget smaller than the grid then sees all of it and
 * not one corner. A trial's point follows from its number alone.
 */
public final class GridSearch implements Search {
    private static final int ROUNDS = 4;
    private static final long MOST_POINTS = 1L << 60;

    private final List<Parameter> parameters;
    private final long seed;
    private final long size;
    private final int halfBits;

    /**
     * A grid of all values of all parameters.
     *
     * @throws IllegalArgumentException if it has more than 2^60 points, and what to do then
     */
    public GridSearch(List<Parameter> parameters, long seed) {
        this.parameters = List.copyOf(parameters);
        this.seed = seed;
        long points = 1;
        for (Parameter parameter : parameters) {
            if (parameter.gridSize() > MOST_POINTS / points) {
                throw new IllegalArgumentException("the grid has more than 2^60 points: give parameters a larger step,"
                        + " leave some out, or search with Random or TPE");
            }
            points *= parameter.gridSize();
        }
        size = points;
        int bits = 64 - Long.numberOfLeadingZeros(Math.max(1, points - 1));
        halfBits = (bits + 1) / 2;
    }

    /** Points of the grid. */
    public long size() {
        return size;
    }

    @Override
    public Optional<Map<String, Value>> propose(int number, Collection<Trial> finished) {
        if (number >= size) {
            return Optional.empty();
        }
        long rest = shuffled(number);
        Map<String, Value> values = new LinkedHashMap<>();
        for (Parameter parameter : parameters) {
            values.put(parameter.name(), parameter.gridValue(rest % parameter.gridSize()));
            rest /= parameter.gridSize();
        }
        return Optional.of(values);
    }

    /** A permutation of 0 to size − 1: a Feistel network, walked until it is inside (Black, Rogaway 2002). */
    private long shuffled(long index) {
        long mask = (1L << halfBits) - 1;
        long value = index;
        do {
            long left = value >>> halfBits;
            long right = value & mask;
            for (int round = 0; round < ROUNDS; round++) {
                long next = left ^ (hash(right, round) & mask);
                left = right;
                right = next;
            }
            value = left << halfBits | right;
        } while (value >= size);
        return value;
    }

    private long hash(long half, int round) {
        long mixed = (half + 1) * 0x9E3779B97F4A7C15L + seed + round * 0xD1B54A32D192ED03L;
        mixed = (mixed ^ (mixed >>> 32)) * 0xBF58476D1CE4E5B9L;
        return mixed ^ (mixed >>> 29);
    }
}
