package dev.tatara.api.v1alpha1.trainingjob;

import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.Named;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * A search for good hyperparameters by many trials.
 *
 * @param algorithm Random, Grid or TPE (tree-structured Parzen estimator). TPE where absent.
 * @param trials Number of trials.
 * @param parallel Trials that run at a time. 1 where absent.
 * @param seed Seed of the search.
 * @param objective What a good trial is.
 * @param parameters Hyperparameters that are searched; the others are as in spec.hyperparameters.
 * @param earlyStopping Ends trials that promise nothing.
 */
@ApiType
@ValidationRule(
        value = "!has(self.parallel) || self.parallel <= self.trials",
        message = "parallel must not be above trials: lower the one or raise the other")
public record Sweep(
        Algorithm algorithm,
        @Required @Min(1) @Max(10_000) Integer trials,
        @Min(1) @Max(1000) Integer parallel,
        Long seed,
        @Required Objective objective,
        @Required @Size(min = 1, max = 64) List<Parameter> parameters,
        EarlyStopping earlyStopping) {
    public Sweep {
        parameters = Absent.orCopy(parameters);
    }

    /** How the next trial is chosen. */
    @ApiEnum
    public enum Algorithm {
        Random,
        Grid,
        TPE
    }

    /**
     * What a good trial is.
     *
     * @param metric Name of the metric.
     * @param goal Maximize or Minimize.
     */
    @ApiType
    public record Objective(
            @Required @Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) @Pattern(Grammar.IDENTIFIER)
            String metric,

            @Required Goal goal) {

        /** Which direction is good. */
        @ApiEnum
        public enum Goal {
            Maximize,
            Minimize
        }
    }

    /**
     * A hyperparameter that is searched. Exactly one of the blocks says where.
     *
     * @param name Name of the hyperparameter.
     * @param uniform Numbers of an interval, all alike.
     * @param logUniform Numbers of an interval, alike by their logarithms.
     * @param integer Whole numbers of an interval.
     * @param choice One of several values.
     */
    @ApiType
    @ValidationRule(
            value = "[has(self.uniform), has(self.logUniform), has(self.integer), has(self.choice)]"
                    + ".filter(present, present).size() == 1",
            message = "a parameter has exactly one of the blocks uniform, logUniform, integer and choice")
    @ValidationRule(
            value = "!has(self.logUniform) || self.logUniform.min > 0.0",
            message = "logUniform needs min above 0: there is no logarithm of less")
    public record Parameter(
            @Required @Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) @Pattern(Grammar.IDENTIFIER)
            String name,

            Interval uniform,
            Interval logUniform,
            IntegerInterval integer,
            Choice choice)
            implements Named {}

    /**
     * Numbers from min to max.
     *
     * @param min Smallest value.
     * @param max Largest value.
     * @param step Distance of two values, with the algorithm Grid.
     */
    @ApiType
    @ValidationRule(value = "self.min < self.max", message = "min must be below max")
    public record Interval(
            @Required Double min,
            @Required Double max,
            @Min(value = 0, inclusive = false) Double step) {}

    /**
     * Whole numbers from min to max.
     *
     * @param min Smallest value.
     * @param max Largest value.
     * @param step Distance of two values. 1 where absent.
     */
    @ApiType
    @ValidationRule(value = "self.min < self.max", message = "min must be below max")
    public record IntegerInterval(
            @Required Long min, @Required Long max, @Min(1) Long step) {}

    /**
     * One of several values.
     *
     * @param values The values, as texts; the trainer gets them as they stand.
     */
    @ApiType
    public record Choice(@Required @Size(min = 1, max = 64) List<@Size(max = 256) String> values) {
        public Choice {
            values = Absent.orCopy(values);
        }
    }

    /**
     * Ends trials that promise nothing.
     *
     * @param medianStop Ends a trial that is worse than the median of the others at the same step.
     */
    @ApiType
    public record EarlyStopping(MedianStop medianStop) {}

    /**
     * Ends a trial that is worse than the median of the others at the same step.
     *
     * @param minTrials Finished trials that it takes to compare. 3 where absent.
     * @param startStep Step before which no trial is ended. 4 where absent.
     */
    @ApiType
    public record MedianStop(
            @Min(1) @Max(1000) Integer minTrials,
            @Min(0) @Max(1_000_000) Integer startStep) {}
}
