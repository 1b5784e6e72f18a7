package dev.tatara.api.v1alpha1.rollout;

import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Positive;
import dev.tatara.api.v1alpha1.common.TimeSpan;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;

/**
 * Copies of requests to a candidate whose answers nobody sees but the comparison.
 *
 * @param percent Percentage of requests that are copied. 100 where absent.
 * @param hold How long the comparison lasts at least.
 * @param compare When two answers count as different, and how many may be.
 * @param thenPromote Gives the candidate all traffic when the comparison has passed; otherwise the rollout waits for a
 *     person.
 */
@ApiType
public record Shadow(
        @Min(1) @Max(100) Integer percent, @Positive TimeSpan hold, Comparison compare, Boolean thenPromote) {

    /**
     * The comparison of stable's answers with the candidate's.
     *
     * @param tolerance Largest difference of two numbers that count as equal.
     * @param maxMismatch Largest good share of answers that differ, from 0 to 1.
     * @param minSamples Answers to compare before there is a verdict.
     */
    @ApiType
    public record Comparison(
            @Min(0) Double tolerance,
            @Min(0) @Max(1) Double maxMismatch,
            @Min(1) @Max(1_000_000_000) Integer minSamples) {}
}
