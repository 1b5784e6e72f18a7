package dev.tatara.statistics.search;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/** How the hyperparameters of the next trial are chosen. */
public sealed interface Search permits RandomSearch, GridSearch, TreeParzenSearch {

    /**
     * The hyperparameters of a trial.
     *
     * @param number of the trial, from 0
     * @param finished trials that are finished, in any order. Trials that are still running are simply not there: two
     *     trials that are proposed at the same time differ by their numbers
     * @return by name, in the order of the parameters; nothing where all that can be tried was
     */
    Optional<Map<String, Value>> propose(int number, Collection<Trial> finished);

    /**
     * A source of random numbers for one trial. {@link Random} and not a better one, because its documentation fixes
     * what comes out for a seed; the seed is well mixed before (the finalizer of SplitMix64, Steele et al. 2014).
     */
    static Random random(long seed, int number) {
        long mixed = seed + 0x9E3779B97F4A7C15L * (number + 1L);
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return new Random(mixed ^ (mixed >>> 31));
    }

    /** A point whose coordinates are drawn one by one. */
    static Map<String, Value> point(List<Parameter> parameters, ToDoubleFunction<Parameter> coordinate) {
        Map<String, Value> values = new LinkedHashMap<>();
        for (Parameter parameter : parameters) {
            values.put(parameter.name(), parameter.at(coordinate.applyAsDouble(parameter)));
        }
        return values;
    }
}
