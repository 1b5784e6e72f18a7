package dev.tatara.api.v1alpha1.rollout;

import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.Positive;
import dev.tatara.api.v1alpha1.common.TimeSpan;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * An experiment between stable and candidate on a figure that comes by /feedback.
 *
 * @param candidatePercent Percentage of keys that see the candidate. 50 where absent.
 * @param sticky Header with the key by which people are divided; required, or one person sees both sides.
 * @param metric The figure that decides.
 * @param baselineRate Rate of stable that the sample size is planned with, for a Proportion.
 * @param baselineStandardDeviation Standard deviation of stable that the sample size is planned with, for a Mean.
 * @param minimumEffect Smallest absolute difference worth finding; with the baseline it gives the sample size per arm.
 * @param alpha Probability of finding a difference where there is none. 0.05 where absent.
 * @param power Probability of finding minimumEffect where it exists. 0.8 where absent.
 * @param sequential Uses an always-valid test, so that the result may be looked at at any time. True where absent.
 * @param maxDuration The experiment ends after this time, with whatever it found.
 * @param winner Report the result and wait for a person, or Promote the candidate when it won. Report where absent.
 */
@ApiType
@ValidationRule(
        value = "self.metric.kind != 'Proportion' || has(self.baselineRate)",
        message = "a Proportion needs baselineRate, stable's rate today, to plan the sample size: set it")
@ValidationRule(
        value = "self.metric.kind != 'Mean' || has(self.baselineStandardDeviation)",
        message = "a Mean needs baselineStandardDeviation, stable's today, to plan the sample size: set it")
public record AbTest(
        @Min(1) @Max(99) Integer candidatePercent,
        @Required Sticky sticky,
        @Required Metric metric,

        @Min(value = 0, inclusive = false) @Max(value = 1, inclusive = false)
        Double baselineRate,

        @Min(value = 0, inclusive = false) Double baselineStandardDeviation,
        @Required @Min(value = 0, inclusive = false) Double minimumEffect,

        @Min(value = 0, inclusive = false) @Max(value = 0.5, inclusive = false)
        Double alpha,

        @Min(value = 0.5) @Max(value = 1, inclusive = false) Double power,
        Boolean sequential,
        @Positive TimeSpan maxDuration,
        Winner winner) {

    /**
     * A figure of the business.
     *
     * @param name Name of the figure in /feedback, for example conversion.
     * @param kind Proportion of people with a success, or Mean of what a person brings.
     */
    @ApiType
    public record Metric(
            @Required @Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) @Pattern(Grammar.IDENTIFIER)
            String name,

            @Required Kind kind) {

        /** How the values of a figure are summed up. */
        @ApiEnum
        public enum Kind {
            Proportion,
            Mean
        }
    }

    /** What happens to a candidate that won. */
    @ApiEnum
    public enum Winner {
        Report,
        Promote
    }
}
