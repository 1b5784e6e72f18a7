package dev.tatara.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

final class LatencyHistogramTest {
    private static final double ROUNDING_NANOS = 1;

    @Example
    void bucketsFollowOneAnotherWithoutAGap() {
        assertThat(LatencyHistogram.bucket(0)).isZero();
        for (int bucket = 0; bucket < LatencyHistogram.BUCKETS; bucket++) {
            long first = LatencyHistogram.lowerBound(bucket);
            long next = LatencyHistogram.lowerBound(bucket + 1);
            assertThat(next).isGreaterThan(first);
            assertThat(LatencyHistogram.bucket(first)).isEqualTo(bucket);
            assertThat(LatencyHistogram.bucket(next - 1)).isEqualTo(bucket);
        }
        assertThat(LatencyHistogram.lowerBound(LatencyHistogram.BUCKETS)).isEqualTo(1L << 40);
    }

    @Example
    void whatIsOutsideCountsAtTheEnds() {
        assertThat(LatencyHistogram.bucket(-1)).isZero();
        assertThat(LatencyHistogram.bucket(Long.MIN_VALUE)).isZero();
        assertThat(LatencyHistogram.bucket(Long.MAX_VALUE)).isEqualTo(LatencyHistogram.BUCKETS - 1);
    }

    @Property(tries = 300)
    void quantilesAreOffByTheStatedShareAtMost(
            @ForAll Random random,
            @ForAll @IntRange(min = 1, max = 500) int size,
            @ForAll @DoubleRange(max = 1) double share) {
        LatencyHistogram histogram = new LatencyHistogram();
        long[] durations = new long[size];
        for (int i = 0; i < size; i++) {
            // Evenly over the orders of magnitude from 1 µs to 15 minutes.
            durations[i] = (long) (1_100 * Math.pow(8e8, random.nextDouble()));
            histogram.record(durations[i]);
        }
        Arrays.sort(durations);
        double exact = durations[Math.clamp((long) Math.ceil(share * size), 1, size) - 1];
        assertThat((double) histogram.quantile(share).toNanos())
                .isCloseTo(exact, within(exact * LatencyHistogram.RELATIVE_ERROR + ROUNDING_NANOS));
    }

    @Property(tries = 100)
    void manyHistogramsAddUpToOne(@ForAll Random random) {
        LatencyHistogram one = new LatencyHistogram();
        LatencyHistogram merged = new LatencyHistogram();
        for (int pod = 0; pod < 5; pod++) {
            LatencyHistogram part = new LatencyHistogram();
            for (int i = random.nextInt(50); i > 0; i--) {
                long nanos = random.nextLong(1L << 41);
                part.record(nanos);
                one.record(nanos);
            }
            LatencyHistogram before = part.copy();
            merged.merge(part);
            assertThat(part).isEqualTo(before);
        }
        assertThat(merged).isEqualTo(one).hasSameHashCodeAs(one);
        assertThat(merged.count()).isEqualTo(one.count());
    }

    @Example
    void nothingHasNoQuantile() {
        LatencyHistogram nothing = new LatencyHistogram();
        assertThatThrownBy(() -> nothing.quantile(0.5)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> nothing.quantile(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        nothing.record(Duration.ofMillis(20).toNanos());
        assertThat(nothing.quantile(0)).isEqualTo(nothing.quantile(1));
        assertThat(nothing.toString()).startsWith("1 durations");
    }
}
