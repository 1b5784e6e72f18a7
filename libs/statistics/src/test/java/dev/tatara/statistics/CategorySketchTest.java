package dev.tatara.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

final class CategorySketchTest {

    @Property(tries = 50)
    void fewCategoriesAreCountedExactlyWhateverTheParts(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 384) int categories,
            @ForAll @IntRange(min = 1, max = 5) int parts) {
        Random random = new Random(seed);
        Map<String, Long> counts = new HashMap<>();
        CategorySketch merged = new CategorySketch();
        for (int part = 0; part < parts; part++) {
            CategorySketch sketch = new CategorySketch();
            for (int i = 0; i < 2000; i++) {
                int category = random.nextInt(categories);
                if (random.nextBoolean()) {
                    sketch.update(category);
                    counts.merge(Integer.toString(category), 1L, Long::sum);
                } else {
                    sketch.update("c" + category % 7);
                    counts.merge("c" + category % 7, 1L, Long::sum);
                }
            }
            merged.merge(sketch);
        }
        if (counts.size() > CategorySketch.MOST_EXACT) {
            return;
        }
        assertThat(merged.isExact()).isTrue();
        assertThat(merged.count()).isEqualTo(2000L * parts);
        assertThat(merged.distinct()).isCloseTo(counts.size(), within(0.1 * counts.size() + 1));
        Map<String, Long> found = new HashMap<>();
        merged.top(1000).forEach(frequency -> {
            assertThat(frequency.upperBound()).isEqualTo(frequency.lowerBound());
            found.put(frequency.value(), frequency.lowerBound());
        });
        assertThat(found).isEqualTo(counts);
    }

    @Property(tries = 10)
    void manyCategoriesStayBoundedAndTheFrequentOnesAreRight(@ForAll long seed) {
        Random random = new Random(seed);
        CategorySketch sketch = new CategorySketch();
        long often = 0;
        for (int i = 0; i < 200_000; i++) {
            if (random.nextInt(10) == 0) {
                sketch.update("often");
                often++;
            } else {
                sketch.update(Integer.toHexString(random.nextInt()));
            }
        }
        assertThat(sketch.isExact()).isFalse();
        assertThat(sketch.top(1000)).hasSizeLessThanOrEqualTo(CategorySketch.MOST_EXACT);
        CategorySketch.Frequency top = sketch.top(1).getFirst();
        assertThat(top.value()).isEqualTo("often");
        assertThat(top.lowerBound()).isLessThanOrEqualTo(often);
        assertThat(top.upperBound()).isGreaterThanOrEqualTo(often);
        assertThat(top.upperBound() - top.lowerBound()).isLessThan(200_000 / 100);
        assertThat(sketch.distinct()).isCloseTo(180_000, within(180_000 * 0.12));
    }

    @Example
    void missingAndLongTexts() {
        CategorySketch sketch = new CategorySketch();
        sketch.update((String) null);
        sketch.update("");
        sketch.update("ü".repeat(1000).getBytes(StandardCharsets.UTF_8));
        sketch.update("x" + "ü".repeat(1000));
        assertThat(sketch.count()).isEqualTo(4);
        assertThat(sketch.missing()).isEqualTo(1);
        assertThat(sketch.top(10).stream().map(CategorySketch.Frequency::value))
                .containsExactlyInAnyOrder("", "ü".repeat(128), "x" + "ü".repeat(127));
    }

    @Example
    void equalFrequenciesAreInOrderOfTheirTexts() {
        CategorySketch sketch = new CategorySketch();
        List.of("b", "a", "c", "c").forEach(sketch::update);
        assertThat(sketch.top(2).stream().map(CategorySketch.Frequency::value)).containsExactly("c", "a");
    }
}
