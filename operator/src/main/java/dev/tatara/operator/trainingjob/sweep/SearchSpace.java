package dev.tatara.operator.trainingjob.sweep;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NumericNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.api.v1alpha1.trainingjob.Sweep;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec;
import dev.tatara.statistics.search.Goal;
import dev.tatara.statistics.search.GridSearch;
import dev.tatara.statistics.search.Parameter;
import dev.tatara.statistics.search.RandomSearch;
import dev.tatara.statistics.search.Search;
import dev.tatara.statistics.search.TreeParzenSearch;
import dev.tatara.statistics.search.Value;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What a sweep searches, and how. */
public final class SearchSpace {
    /** A value is as exact as a millionth of its interval, so that people can read it and ledgers stay small. */
    private static final int DIGITS = 6;
    /** More than a double has. */
    private static final int MOST_PLACES = 400;

    private final Sweep sweep;
    private final List<Parameter> parameters;
    private final Search search;

    SearchSpace(Sweep sweep, long seed) {
        this.sweep = sweep;
        this.parameters =
                sweep.parameters().stream().map(SearchSpace::parameter).toList();
        this.search = search(sweep, parameters, seed);
    }

    /** Why a specification's sweep can't be searched, and what to change; nothing where there is no sweep. */
    public static Optional<String> problem(TrainingJobSpec spec) {
        if (spec.sweep() == null) {
            return Optional.empty();
        }
        if (spec.sweep().objective() == null || spec.sweep().objective().goal() == null) {
            return Optional.of("spec.sweep.objective.goal: expected Maximize or Minimize");
        }
        try {
            return new SearchSpace(spec.sweep(), 0).search == null ? Optional.of("spec.sweep") : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of("spec.sweep.parameters: " + e.getMessage());
        }
    }

    /** Which direction of the objective is good. */
    Goal goal() {
        return goal(sweep);
    }

    /** How many trials there are at most. */
    int trials() {
        return search instanceof GridSearch grid ? (int) Math.min(grid.size(), sweep.trials()) : sweep.trials();
    }

    /**
     * The hyperparameters of a trial.
     *
     * @param number from 1
     */
    ObjectNode propose(int number, List<dev.tatara.statistics.search.Trial> finished) {
        var values = search.propose(number - 1, finished)
                .orElseThrow(() -> new IllegalStateException("nothing is left to try for trial " + number));
        return json(values);
    }

    /** The values in a trial's hyperparameters; what isn't of the space is left out. */
    Map<String, Value> values(ObjectNode trial) {
        Map<String, Value> values = new LinkedHashMap<>();
        for (var parameter : parameters) {
            var node = trial.get(parameter.name());
            if (node != null && node.isNumber() && parameter instanceof Parameter.Whole) {
                values.put(parameter.name(), new Value.Whole(node.longValue()));
            } else if (node != null && node.isNumber()) {
                values.put(parameter.name(), new Value.Real(node.doubleValue()));
            } else if (node != null && node.isTextual()) {
                values.put(parameter.name(), new Value.Text(node.textValue()));
            }
        }
        return values;
    }

    private ObjectNode json(Map<String, Value> values) {
        var json = JsonNodeFactory.instance.objectNode();
        for (var parameter : parameters) {
            switch (Objects.requireNonNull(values.get(parameter.name()), parameter.name())) {
                case Value.Real(double number) -> json.put(parameter.name(), rounded(parameter, number));
                case Value.Whole(long number) -> json.set(parameter.name(), whole(number));
                case Value.Text(String text) -> json.put(parameter.name(), text);
            }
        }
        return json;
    }

    /** As a parser reads it, so that what is remembered equals what was proposed. */
    private static NumericNode whole(long number) {
        return number == (int) number
                ? JsonNodeFactory.instance.numberNode((int) number)
                : JsonNodeFactory.instance.numberNode(number);
    }

    private static double rounded(Parameter parameter, double number) {
        return switch (parameter) {
            case Parameter.Uniform(String name, double min, double max, double step) -> {
                // Halves, since the length itself may be too large for a number.
                var places = DIGITS - Math.floor(Math.log10(max / 2 - min / 2));
                var exact = BigDecimal.valueOf(number)
                        .setScale((int) Math.clamp(places, -MOST_PLACES, MOST_PLACES), RoundingMode.HALF_EVEN);
                yield Math.clamp(exact.doubleValue(), min, max);
            }
            case Parameter.LogUniform(String name, double min, double max, double step) ->
                Math.clamp(
                        BigDecimal.valueOf(number)
                                .round(new MathContext(DIGITS, RoundingMode.HALF_EVEN))
                                .doubleValue(),
                        min,
                        max);
            case Parameter.Whole whole -> number;
            case Parameter.Choice choice -> number;
        };
    }

    private static Goal goal(Sweep sweep) {
        return sweep.objective().goal() == Sweep.Objective.Goal.Minimize ? Goal.Minimize : Goal.Maximize;
    }

    private static Search search(Sweep sweep, List<Parameter> parameters, long seed) {
        var algorithm = sweep.algorithm() == null ? Sweep.Algorithm.TPE : sweep.algorithm();
        return switch (algorithm) {
            case Random -> new RandomSearch(parameters, seed);
            case Grid -> new GridSearch(parameters, seed);
            case TPE -> new TreeParzenSearch(parameters, goal(sweep), seed);
        };
    }

    private static Parameter parameter(Sweep.Parameter parameter) {
        var name = parameter.name();
        if (parameter.uniform() != null) {
            var interval = parameter.uniform();
            return new Parameter.Uniform(name, interval.min(), interval.max(), orZero(interval.step()));
        }
        if (parameter.logUniform() != null) {
            var interval = parameter.logUniform();
            return new Parameter.LogUniform(name, interval.min(), interval.max(), orZero(interval.step()));
        }
        if (parameter.integer() != null) {
            var interval = parameter.integer();
            return new Parameter.Whole(
                    name, interval.min(), interval.max(), interval.step() == null ? 1 : interval.step());
        }
        if (parameter.choice() != null) {
            return new Parameter.Choice(name, parameter.choice().values());
        }
        throw new IllegalArgumentException(
                "parameter " + name + ": expected one of uniform, logUniform, integer and choice");
    }

    private static double orZero(Double step) {
        return step == null ? 0 : step;
    }
}
