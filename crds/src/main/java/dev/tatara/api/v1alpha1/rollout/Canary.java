package dev.tatara.api.v1alpha1.rollout;

import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.Named;
import dev.tatara.api.v1alpha1.common.TimeSpan;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * Steps by which traffic moves to the candidate.
 *
 * @param steps Steps in order; weights never fall, and the last is 100.
 * @param candidateReplicas How many pods the candidate has while it carries part of the traffic.
 * @param sticky Keeps requests of one key on one side.
 * @param match Requests that always go to the candidate.
 */
@ApiType
public record Canary(
        @Required
        @Size(min = 1, max = 20)
        @ValidationRule(
                value = "self.map(s, s.weight).isSorted()",
                message = "weights of steps must not fall: put the steps in the order of their weights")
        @ValidationRule(
                value = "self[size(self) - 1].weight == 100",
                message = "the last step must have weight 100: add one, or the candidate never takes over")
        List<Step> steps,

        CandidateReplicas candidateReplicas,
        Sticky sticky,
        @Size(max = 16) List<HeaderMatch> match) {
    public Canary {
        steps = Absent.orCopy(steps);
        match = Absent.orCopy(match);
    }

    /**
     * One step of a canary rollout. It ends when hold has passed, the analysis has passed and, where manual, somebody
     * promoted it.
     *
     * @param name Name of the step, as it appears in status and events.
     * @param weight Percentage of the traffic that the candidate gets.
     * @param hold How long the step lasts at least.
     * @param manual Waits for the annotation mlops.tatara.dev/promote.
     * @param shadow Copies requests to the candidate during this step.
     * @param analysis Analysis for this step, in place of the rollout's.
     */
    @ApiType
    public record Step(
            @Required @Size(min = 1, max = Grammar.LABEL_LENGTH) @Pattern(Grammar.LABEL)
            String name,

            @Required @Min(0) @Max(100) Integer weight,
            TimeSpan hold,
            Boolean manual,
            StepShadow shadow,
            Analysis analysis)
            implements Named {}

    /**
     * Copies of requests during a step.
     *
     * @param percent Percentage of requests that are copied.
     */
    @ApiType
    public record StepShadow(@Required @Min(1) @Max(100) Integer percent) {}

    /**
     * How many pods the candidate has while it carries part of the traffic.
     *
     * @param mode Proportional to the weight, Full (as many as stable), or Fixed.
     * @param fixed Number of pods, with mode Fixed.
     */
    @ApiType
    @ValidationRule(
            value = "(self.mode == 'Fixed') == has(self.fixed)",
            message = "fixed goes with mode Fixed and only with it: set both or neither")
    public record CandidateReplicas(
            @Required Mode mode, @Min(1) @Max(10_000) Integer fixed) {

        /** Where the number of the candidate's pods comes from. */
        @ApiEnum
        public enum Mode {
            Proportional,
            Full,
            Fixed
        }
    }

    /**
     * Requests with this header go to the candidate, whatever its weight.
     *
     * @param header Name of the header.
     * @param value Value the header must have.
     */
    @ApiType
    public record HeaderMatch(
            @Required @Size(min = 1, max = 256) @Pattern(Grammar.HEADER)
            String header,

            @Required @Size(min = 1, max = 1024) String value) {}
}
