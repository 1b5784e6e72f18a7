package dev.tatara.statistics.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Distances of samples are what their definitions say, however quickly they are found. */
class DistancesTest {
    @Property(tries = 300)
    void largestGapOfTheDistributionFunctions(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 1500) int size,
            @ForAll @IntRange(min = 1, max = 1500) int sizeOfOther,
            @ForAll @IntRange(min = 0, max = 3) int kind) {
        double[] one = sample(seed, size, kind, 0);
        double[] other = sample(seed + 1, sizeOfOther, kind, seed % 3 * 0.2);
        double expected = DoubleStream.concat(Arrays.stream(one), Arrays.stream(other))
                .map(value -> Math.abs(upTo(one, value) - upTo(other, value)))
                .max()
                .orElseThrow();

        assertThat(Smirnov.distance(Side.of(one).steps(), Side.of(other).steps()))
                .isEqualTo(expected, within(1e-12));
    }

    @Property(tries = 300)
    void areaBetweenTheDistributionFunctions(
            @ForAll long seed,
            @ForAll @IntRange(min = 2, max = 700) int size,
            @ForAll @IntRange(min = 2, max = 700) int sizeOfOther,
            @ForAll @IntRange(min = 0, max = 3) int kind) {
        double[] one = sample(seed, size, kind, 0);
        double[] other = sample(seed + 1, sizeOfOther, kind, seed % 3 * 0.2);
        double[] values = DoubleStream.concat(Arrays.stream(one), Arrays.stream(other))
                .sorted()
                .toArray();
        double area = 0;
        for (int i = 0; i + 1 < values.length; i++) {
            area += Math.abs(upTo(one, values[i]) - upTo(other, values[i])) * (values[i + 1] - values[i]);
        }
        double mean = Arrays.stream(one).average().orElseThrow();
        double deviation = Math.sqrt(Arrays.stream(one)
                .map(value -> (value - mean) * (value - mean))
                .average()
                .orElseThrow());

        assertThat(new Transport(Side.of(one), Side.of(other)).distance())
                .isEqualTo(area / Math.max(deviation, Transport.LEAST_DEVIATION), within(1e-9));
    }

    /** Kinds: all different, skewed, whole numbers, one value. */
    private static double[] sample(long seed, int size, int kind, double moved) {
        SplittableRandom random = new SplittableRandom(seed);
        return random.doubles(size)
                .map(any -> random.nextGaussian())
                .map(value -> switch (kind) {
                    case 0 -> value + moved;
                    case 1 -> Math.exp(value + moved);
                    case 2 -> Math.rint(5 * (value + moved));
                    default -> moved;
                })
                .toArray();
    }

    private static double upTo(double[] sample, double value) {
        return (double) Arrays.stream(sample).filter(any -> any <= value).count() / sample.length;
    }
}
