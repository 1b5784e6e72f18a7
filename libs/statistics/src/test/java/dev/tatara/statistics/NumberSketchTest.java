package dev.tatara.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

final class NumberSketchTest {
    /** Twice the error that holds with 99 % confidence. */
    private static final double RANK_TOLERANCE = 0.03;

    @Property(tries = 50)
    void partsMergedAreTheWhole(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 20_000) int size,
            @ForAll @IntRange(min = 1, max = 9) int parts) {
        double[] values = new Random(seed).doubles(size, -5, 5).toArray();
        NumberSketch whole = new NumberSketch();
        NumberSketch merged = new NumberSketch();
        for (int part = 0; part < parts; part++) {
            int from = (int) ((long) size * part / parts);
            int to = (int) ((long) size * (part + 1) / parts);
            NumberSketch sketch = new NumberSketch();
            sketch.update(values.clone(), from, to);
            merged.merge(sketch);
        }
        for (double value : values) {
            whole.update(value);
        }
        Arrays.sort(values);
        assertThat(merged.count()).isEqualTo(whole.count()).isEqualTo(size);
        assertThat(merged.min()).isEqualTo(Double.valueOf(whole.min()));
        assertThat(merged.max()).isEqualTo(Double.valueOf(whole.max()));
        if (size > 1) {
            assertThat(merged.mean()).isCloseTo(whole.mean(), within(1e-9));
            assertThat(merged.variance()).isCloseTo(whole.variance(), within(1e-9));
        }
        for (NumberSketch sketch : new NumberSketch[] {whole, merged}) {
            for (int i = 0; i < size; i += Math.max(1, size / 50)) {
                double rank = (i + 1.0) / size;
                assertThat(sketch.rank(values[i])).isCloseTo(rank, within(RANK_TOLERANCE));
                assertThat((Arrays.binarySearch(values, 0, size, nearest(values, sketch.quantile(rank))) + 1.0) / size)
                        .isCloseTo(rank, within(RANK_TOLERANCE));
            }
        }
    }

    private static double nearest(double[] sorted, double value) {
        int at = Arrays.binarySearch(sorted, value);
        if (at >= 0) {
            return value;
        }
        int next = Math.min(sorted.length - 1, -at - 1);
        int previous = Math.max(0, next - 1);
        return Math.abs(sorted[next] - value) < Math.abs(sorted[previous] - value) ? sorted[next] : sorted[previous];
    }

    @Property(tries = 200)
    void countsAreExactAndOneByOneIsAllAtOnce(
            @ForAll @Size(max = 300) @DoubleRange(min = -1e300, max = 1e300) double[] values, @ForAll Random random) {
        double[] mixed = new double[values.length];
        int missing = 0;
        int up = 0;
        int down = 0;
        for (int i = 0; i < values.length; i++) {
            switch (random.nextInt(6)) {
                case 0 -> {
                    mixed[i] = Double.NaN;
                    missing++;
                }
                case 1 -> {
                    mixed[i] = Double.POSITIVE_INFINITY;
                    up++;
                }
                case 2 -> {
                    mixed[i] = Double.NEGATIVE_INFINITY;
                    down++;
                }
                default -> mixed[i] = values[i];
            }
        }
        NumberSketch single = new NumberSketch();
        for (double value : mixed) {
            single.update(value);
        }
        NumberSketch bulk = new NumberSketch();
        bulk.update(mixed.clone(), 0, mixed.length);
        for (NumberSketch sketch : new NumberSketch[] {single, bulk}) {
            assertThat(sketch.count()).isEqualTo(values.length);
            assertThat(sketch.missing()).isEqualTo(missing);
            assertThat(sketch.positiveInfinities()).isEqualTo(up);
            assertThat(sketch.negativeInfinities()).isEqualTo(down);
            assertThat(sketch.finite()).isEqualTo(values.length - missing - up - down);
        }
        assertThat(bulk.min()).isEqualTo(Double.valueOf(single.min()));
        assertThat(bulk.max()).isEqualTo(Double.valueOf(single.max()));
    }

    @Example
    void anEmptySketchKnowsNothing() {
        NumberSketch sketch = new NumberSketch();
        assertThat(sketch.count()).isZero();
        assertThat(sketch.min()).isNaN();
        assertThat(sketch.mean()).isNaN();
        assertThat(sketch.variance()).isNaN();
        assertThat(sketch.quantile(0.5)).isNaN();
        assertThat(sketch.rank(1)).isNaN();
        assertThat(sketch.distinct())
                .hasValueSatisfying(counts -> assertThat(counts).isEmpty());
    }

    @Example
    void aConstantIsOneValueWithoutVariance() {
        NumberSketch sketch = new NumberSketch();
        double[] values = new double[1000];
        Arrays.fill(values, 0.1);
        sketch.update(values, 0, values.length);
        assertThat(sketch.variance()).isCloseTo(0, within(1e-18));
        assertThat(sketch.quantile(0.5)).isEqualTo(0.1);
        assertThat(sketch.distinct())
                .hasValueSatisfying(counts -> assertThat(counts).containsExactly(java.util.Map.entry(0.1, 1000L)));
    }

    @Example
    void fewDifferentValuesAreCountedOneByOneAndManyAreNot() {
        NumberSketch few = new NumberSketch();
        NumberSketch more = new NumberSketch();
        for (int i = 0; i < 3200; i++) {
            few.update(i % 32);
            more.update(i % 33);
        }
        few.update(-0.0);
        assertThat(few.distinct())
                .hasValueSatisfying(counts ->
                        assertThat(counts).hasSize(32).containsEntry(0.0, 101L).containsEntry(31.0, 100L));
        assertThat(more.distinct()).isEmpty();
        few.merge(more);
        assertThat(few.distinct()).isEmpty();
        assertThat(few.count()).isEqualTo(6401);
    }

    @Example
    void whatFloatsCannotHoldIsStillInOrder() {
        NumberSketch sketch = new NumberSketch();
        double[] values = {1e300, -1e300, 0, 1e308, 1e308};
        sketch.update(values, 0, values.length);
        assertThat(sketch.min()).isEqualTo(-1e300);
        assertThat(sketch.max()).isEqualTo(1e308);
        assertThat(sketch.quantile(0.4)).isZero();
        assertThat(sketch.rank(0)).isEqualTo(0.4);
    }

    @Example
    void aCopyLivesOnItsOwn() {
        NumberSketch sketch = new NumberSketch();
        sketch.update(1);
        NumberSketch copy = sketch.copy();
        sketch.update(2);
        assertThat(copy.count()).isEqualTo(1);
        assertThat(copy.max()).isEqualTo(1);
        assertThat(sketch.count()).isEqualTo(2);
    }
}
