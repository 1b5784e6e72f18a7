package dev.tatara.statistics.search;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Points drawn at random (Bergstra, Bengio 2012). A trial's point follows from its number alone.
 *
 * @param parameters what is searched
 * @param seed of the search
 */
public record RandomSearch(List<Parameter> parameters, long seed) implements Search {
    public RandomSearch {
        parameters = List.copyOf(parameters);
    }

    @Override
    public Optional<Map<String, Value>> propose(int number, Collection<Trial> finished) {
        Random random = Search.random(seed, number);
        return Optional.of(Search.point(parameters, parameter -> random.nextDouble()));
    }
}
