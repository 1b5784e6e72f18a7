package dev.tatara.statistics.search;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * The tree-structured Parzen estimator (Bergstra, Bardenet, Bengio, Kégl 2011) over all parameters together (Falkner,
 * Klein, Hutter 2018): finished trials are divided into the good tenth and the others; of some points drawn where good
 * ones are dense, the one is tried at which the density of good ones is highest beside that of the others.
 */
public final class TreeParzenSearch implements Search {
    /** Trials that are drawn at random before there is anything to learn from. */
    static final int RANDOM_TRIALS = 10;

    private static final double GOOD_SHARE = 0.1;
    private static final int MOST_GOOD = 25;
    private static final int CANDIDATES = 24;
    private static final int ATTEMPTS = 100;

    private final List<Parameter> parameters;
    private final Goal goal;
    private final RandomSearch random;

    /**
     * @param parameters what is searched
     * @param goal which direction of the objective is good
     * @param seed of the search
     */
    public TreeParzenSearch(List<Parameter> parameters, Goal goal, long seed) {
        this.parameters = List.copyOf(parameters);
        this.goal = goal;
        random = new RandomSearch(parameters, seed);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Observation(double[] point, double loss, int number) {}

    @Override
    public Optional<Map<String, Value>> propose(int number, Collection<Trial> finished) {
        List<Observation> known = observations(finished);
        if (known.size() < RANDOM_TRIALS) {
            return random.propose(number, finished);
        }
        int good = Math.min((int) Math.ceil(GOOD_SHARE * known.size()), MOST_GOOD);
        ParzenDensity dense = density(known.subList(0, good));
        ParzenDensity sparse = density(known.subList(good, known.size()));
        Random numbers = Search.random(random.seed(), number);
        var tried = finished.stream().map(Trial::values).collect(Collectors.toSet());
        Map<String, Value> best = null;
        double highest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < CANDIDATES; i++) {
            Map<String, Value> candidate = values(dense.sample(numbers));
            double[] point = coordinates(candidate);
            double gain = dense.logarithm(point) - sparse.logarithm(point);
            if (gain > highest && !tried.contains(candidate)) {
                highest = gain;
                best = candidate;
            }
        }
        return Optional.of(best == null ? untried(numbers, tried) : best);
    }

    /** Where all candidates were tried before, as it happens with few discrete values: any other point. */
    private Map<String, Value> untried(Random numbers, Collection<Map<String, Value>> tried) {
        Map<String, Value> point = Map.of();
        for (int i = 0; i < ATTEMPTS; i++) {
            point = Search.point(parameters, parameter -> numbers.nextDouble());
            if (!tried.contains(point)) {
                return point;
            }
        }
        return point;
    }

    /** Trials that lie in the space, the best first. */
    private List<Observation> observations(Collection<Trial> finished) {
        List<Observation> known = new ArrayList<>();
        for (Trial trial : finished) {
            double[] point = coordinates(trial.values());
            boolean inside = true;
            for (double coordinate : point) {
                inside &= !Double.isNaN(coordinate);
            }
            if (inside) {
                known.add(new Observation(point, goal.loss(trial.objective()), trial.number()));
            }
        }
        known.sort(Comparator.comparingDouble(Observation::loss).thenComparingInt(Observation::number));
        return known;
    }

    private double[] coordinates(Map<String, Value> values) {
        return parameters.stream()
                .mapToDouble(parameter -> {
                    Value value = values.get(parameter.name());
                    return value == null ? Double.NaN : parameter.coordinate(value);
                })
                .toArray();
    }

    private Map<String, Value> values(double[] point) {
        int[] next = {0};
        return Search.point(parameters, parameter -> point[next[0]++]);
    }

    private ParzenDensity density(List<Observation> observations) {
        return new ParzenDensity(
                parameters, observations.stream().map(Observation::point).toList());
    }
}
