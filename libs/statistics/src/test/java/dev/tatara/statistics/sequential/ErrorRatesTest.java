package dev.tatara.statistics.sequential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.statistics.sequential.ErrorRates.Bucket;
import dev.tatara.statistics.sequential.ErrorRates.Found;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorRatesTest {
    private static final int ROLLOUTS = 1000;

    @Test
    void noFailuresSayNothing() {
        Found found = ErrorRates.compare(List.of(new Bucket(1000, 0, 50, 0), new Bucket(900, 0, 0, 0)));

        assertThat(found.pValue()).isEqualTo(1);
        assertThat(found.stable()).isEqualTo(1900);
        assertThat(found.stableRate()).isZero();
        assertThat(found.candidateRate()).isZero();
        assertThat(ErrorRates.compare(List.of()).candidateRate()).isNaN();
    }

    /** Of 5 % of the requests, five failed, and of the others none: a person would see it too. */
    @Test
    void fewFailuresOfASmallShareAreEnough() {
        assertThat(ErrorRates.compare(List.of(new Bucket(950, 0, 50, 2))).significantlyWorse(0.01))
                .isFalse();
        assertThat(ErrorRates.compare(List.of(new Bucket(950, 0, 50, 5))).significantlyWorse(0.01))
                .isTrue();
        assertThat(ErrorRates.compare(List.of(new Bucket(500, 0, 500, 5))).significantlyWorse(0.01))
                .isFalse();
    }

    @Test
    void aBetterCandidateIsNotWorse() {
        assertThat(ErrorRates.compare(List.of(new Bucket(1000, 100, 1000, 20))).pValue())
                .isEqualTo(1);
    }

    @Test
    void whatHitsBothIsNobodysFault() {
        List<Bucket> outage =
                List.of(new Bucket(950, 1, 50, 0), new Bucket(950, 940, 50, 50), new Bucket(950, 2, 50, 0));

        assertThat(ErrorRates.compare(outage).significantlyWorse(0.01)).isFalse();
    }

    /** When stable had no requests, an outage is no evidence against whoever had them. */
    @Test
    void aBucketOfOneSideTellsNothing() {
        assertThat(ErrorRates.compare(List.of(new Bucket(0, 0, 1000, 1000))).pValue())
                .isEqualTo(1);
    }

    @Test
    void whatWasFoundStaysFound() {
        List<Bucket> buckets = new ArrayList<>(List.of(new Bucket(950, 0, 50, 8)));
        double first = ErrorRates.compare(buckets).pValue();
        buckets.addAll(Collections.nCopies(100, new Bucket(500, 5, 500, 0)));

        assertThat(ErrorRates.compare(buckets).pValue()).isEqualTo(first);
    }

    /** Which side failed more never makes less of the evidence. */
    @Property
    void moreFailuresOfTheCandidateAreMoreEvidence(
            @ForAll @IntRange(max = 50) int stableFailed, @ForAll @IntRange(max = 49) int candidateFailed) {
        double fewer = ErrorRates.compare(List.of(new Bucket(1000, stableFailed, 200, candidateFailed)))
                .pValue();
        double more = ErrorRates.compare(List.of(new Bucket(1000, stableFailed, 200, candidateFailed + 1)))
                .pValue();

        assertThat(more).isLessThanOrEqualTo(fewer + 1e-12).isBetween(0.0, 1.0);
    }

    /** Weights that rise, errors that come and go, an outage: nothing of it may count against an equal candidate. */
    @ParameterizedTest
    @CsvSource({"0.005, 0.01", "0.02, 0.01", "0.02, 0.1", "0.3, 0.1"})
    void equalCandidatesAreNotWorse(double rate, double alpha) {
        long worse = IntStream.range(0, ROLLOUTS)
                .parallel()
                .filter(seed -> rollout(new SplittableRandom(seed), rate, 1).significantlyWorse(alpha))
                .count();

        assertThat(FalseWinnersTest.atLeast(worse, ROLLOUTS, alpha))
                .as("%s of %s", worse, ROLLOUTS)
                .isGreaterThan(0.01);
    }

    @ParameterizedTest
    @CsvSource({"0.005, 10", "0.02, 3"})
    void worseCandidatesAreFound(double rate, double times) {
        long worse = IntStream.range(0, ROLLOUTS)
                .parallel()
                .filter(seed -> rollout(new SplittableRandom(seed), rate, times).significantlyWorse(0.01))
                .count();

        assertThat(worse).isGreaterThan(ROLLOUTS * 9 / 10);
    }

    /** Half an hour of buckets of ten seconds, 15 requests a second, at 5 %, 20 % and 50 %. */
    private static Found rollout(SplittableRandom random, double rate, double times) {
        List<Bucket> buckets = new ArrayList<>();
        for (int i = 0; i < 180; i++) {
            double share = i < 60 ? 0.05 : i < 120 ? 0.2 : 0.5;
            double now = i % 50 == 49 ? 0.8 : rate * (1 + Math.sin(i / 10.0) / 2);
            long[] counts = new long[4];
            for (int request = 0; request < 150; request++) {
                int side = random.nextDouble() < share ? 2 : 0;
                counts[side]++;
                counts[side + 1] += random.nextDouble() < Math.min(0.9, side == 2 ? now * times : now) ? 1 : 0;
            }
            buckets.add(new Bucket(counts[0], counts[1], counts[2], counts[3]));
        }
        return ErrorRates.compare(buckets);
    }

    @Test
    void impossibleCountsAreRefused() {
        assertThatThrownBy(() -> new Bucket(1, 2, 0, 0)).hasMessageContaining("2 of 1");
        assertThatThrownBy(() -> ErrorRates.compare(List.of()).significantlyWorse(0))
                .hasMessageContaining("alpha");
    }
}
