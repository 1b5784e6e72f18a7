package dev.tatara.statistics.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Sketch;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is defined of columns that are no textbook's. */
class DriftTestsTest {
    private static final double[] NOTHING = {};

    private static NumberSketch numbers(double... values) {
        NumberSketch sketch = new NumberSketch();
        for (double value : values) {
            sketch.update(value);
        }
        return sketch;
    }

    private static CategorySketch categories(Stream<String> values) {
        CategorySketch sketch = new CategorySketch();
        values.forEach(sketch::update);
        return sketch;
    }

    private static double[] normal(long seed, int count, double mean) {
        SplittableRandom random = new SplittableRandom(seed);
        return random.doubles(0, 1)
                .limit(count)
                .map(any -> mean + random.nextGaussian())
                .toArray();
    }

    private static double[] filled(int count, double value) {
        double[] values = new double[count];
        Arrays.fill(values, value);
        return values;
    }

    private static Map<String, Long> uniform(int categories, long each, String prefix) {
        Map<String, Long> counts = new HashMap<>();
        IntStream.range(0, categories).forEach(i -> counts.put(prefix + i, each));
        return counts;
    }

    private static Rule auto(long minSamples) {
        return Rule.of(Method.Auto, minSamples);
    }

    @Test
    void tooFewRows() {
        Comparison found = DriftTests.compare(numbers(normal(1, 900, 0)), numbers(normal(2, 999, 5)), auto(1000));
        assertThat(found.note()).isEqualTo(Note.InsufficientData);
        assertThat(found.text()).isEqualTo("999 rows, expected 1000 or more");
        assertThat(found.judged()).isFalse();
        assertThat(found.drifted()).isFalse();
        assertThat(found.method()).isNull();
    }

    @Test
    void aReferenceWithoutRows() {
        assertThat(DriftTests.compare(new NumberSketch(), numbers(1, 2, 3), auto(1))
                        .note())
                .isEqualTo(Note.InsufficientData);
        assertThat(DriftTests.compare(NOTHING, new double[] {1, 2}, auto(1)).note())
                .isEqualTo(Note.InsufficientData);
    }

    @Test
    void oneValue() {
        Comparison found = DriftTests.compare(numbers(3), numbers(normal(1, 2000, 0)), auto(1000));
        assertThat(found.note()).isEqualTo(Note.InsufficientData);
        assertThat(found.text()).isEqualTo("1 value in the reference, expected 2 or more");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "Auto")
    void aConstantColumnThatStaysIsTheSame(Method method) {
        for (int rows : new int[] {100, 5000}) {
            Comparison raw = DriftTests.compare(filled(rows, 7), filled(3000, 7), Rule.of(method, 1000));
            Comparison sketched =
                    DriftTests.compare(numbers(filled(rows, 7)), numbers(filled(3000, 7)), Rule.of(method, 1000));
            assertThat(sketched).isEqualTo(raw);
            assertThat(raw.note()).isEqualTo(Note.Constant);
            assertThat(raw.statistic()).isZero();
            assertThat(raw.drifted()).isFalse();
            assertThat(raw.pValue()).isEqualTo(Double.valueOf(method.hasPValue() ? 1 : Double.NaN));
        }
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void aConstantColumnThatChangesHasDrifted(Method method) {
        for (int rows : new int[] {100, 5000}) {
            assertThat(DriftTests.compare(filled(rows, 7), filled(3000, 8), Rule.of(method, 1000))
                            .drifted())
                    .isTrue();
            assertThat(DriftTests.compare(numbers(filled(rows, 7)), numbers(filled(3000, 8)), Rule.of(method, 1000))
                            .drifted())
                    .isTrue();
        }
    }

    @Test
    void missingValues() {
        double[] missing = filled(2000, Double.NaN);
        assertThat(DriftTests.compare(missing, missing, auto(1000)).note()).isEqualTo(Note.AllMissing);
        assertThat(DriftTests.compare(missing, missing, auto(1000)).drifted()).isFalse();
        Comparison vanished = DriftTests.compare(numbers(normal(1, 2000, 0)), numbers(missing), auto(1000));
        assertThat(vanished.note()).isEqualTo(Note.OneSideMissing);
        assertThat(vanished.text()).isEqualTo("only missing values in live data");
        assertThat(vanished.drifted()).isTrue();
        assertThat(vanished.severity()).isInfinite();
        Comparison appeared = DriftTests.compare(numbers(missing), numbers(normal(1, 2000, 0)), auto(1000));
        assertThat(appeared.text()).isEqualTo("only missing values in the reference");
        assertThat(appeared.drifted()).isTrue();
    }

    @Test
    void nullsOfCategories() {
        var half = categories(IntStream.range(0, 2000).mapToObj(i -> i % 2 == 0 ? null : "abc".charAt(i % 3) + ""));
        var full = categories(IntStream.range(0, 2000).mapToObj(i -> "abc".charAt(i % 3) + ""));
        assertThat(DriftTests.compare(full, half, auto(1000)).drifted()).isFalse();
        assertThat(new Quality(0.4, null).violations(full, half)).hasSize(1);
    }

    @Test
    void infinitiesAndMissingValuesAreLeftOut() {
        double[] clean = normal(3, 3000, 0);
        double[] dirty = Arrays.copyOf(clean, 4000);
        for (int i = 3000; i < 4000; i++) {
            dirty[i] = new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}[i % 3];
        }
        double[] reference = normal(4, 3000, 0);
        for (Method method : EnumSet.complementOf(EnumSet.of(Method.Auto))) {
            Rule rule = Rule.of(method, 1000);
            assertThat(DriftTests.compare(reference, dirty, rule))
                    .isEqualTo(DriftTests.compare(reference, clean, rule));
        }
        assertThat(DriftTests.compare(numbers(reference), numbers(dirty), auto(1000))
                        .drifted())
                .isFalse();
    }

    @Test
    void hugeNumbers() {
        double[] reference =
                Arrays.stream(normal(5, 3000, 0)).map(z -> z * 1e307).toArray();
        double[] current = Arrays.stream(normal(6, 3000, 3)).map(z -> z * 1e307).toArray();
        for (Method method : Method.values()) {
            Comparison found = DriftTests.compare(reference, current, Rule.of(method, 1000));
            assertThat(found.drifted()).as("%s", method).isTrue();
            assertThat(found.statistic()).as("%s", method).isNotNaN();
        }
        assertThat(DriftTests.compare(reference, current, Rule.of(Method.Wasserstein, 1))
                        .statistic())
                .isCloseTo(3, within(0.2));
    }

    @Test
    void newAndVanishedColumns() {
        Comparison vanished = DriftTests.compare(numbers(1, 2), null, auto(1));
        assertThat(vanished.note()).isEqualTo(Note.Vanished);
        assertThat(vanished.drifted()).isTrue();
        assertThat(vanished.judged()).isTrue();
        Comparison added = DriftTests.compare((Sketch) null, numbers(1, 2), auto(1));
        assertThat(added.note()).isEqualTo(Note.New);
        assertThat(added.drifted()).isFalse();
        assertThat(added.judged()).isFalse();
    }

    @Test
    void numbersThatBecomeCategories() {
        Comparison found = DriftTests.compare(
                numbers(normal(1, 2000, 0)),
                categories(Stream.generate(() -> "a").limit(2000)),
                auto(1000));
        assertThat(found.note()).isEqualTo(Note.KindChanged);
        assertThat(found.text()).isEqualTo("numbers in the reference, categories in live data");
        assertThat(found.drifted()).isTrue();
    }

    @Test
    void unseenCategories() {
        Map<String, Long> reference = Map.of("a", 1500L, "b", 1500L);
        Comparison few = DriftTests.compare(reference, Map.of("a", 1500L, "b", 1498L, "c", 2L), auto(1000));
        assertThat(few.note()).isEqualTo(Note.UnseenCategories);
        assertThat(few.text()).isEqualTo("1 categories that the reference hasn't, 0.0667 % of the values");
        assertThat(few.drifted()).isFalse();
        Comparison many = DriftTests.compare(reference, Map.of("a", 500L, "c", 500L, "d", 500L), auto(1000));
        assertThat(many.drifted()).isTrue();
        // One value that the reference hasn't is proof enough for Evidently's chi-square, not for ours.
        Map<String, Long> small = Map.of("a", 400L, "b", 300L, "c", 300L);
        Map<String, Long> withNew = Map.of("a", 400L, "b", 300L, "c", 299L, "d", 1L);
        assertThat(DriftTests.compare(small, withNew, Rule.of(Method.ChiSquareFit, 1))
                        .pValue())
                .isZero();
        assertThat(DriftTests.compare(small, withNew, auto(1)).method()).isEqualTo(Method.ChiSquare);
        assertThat(DriftTests.compare(small, withNew, auto(1)).pValue()).isGreaterThan(0.9);
    }

    @ParameterizedTest
    @EnumSource(names = {"ChiSquare", "Auto"})
    void aMillionCategoriesThatAreAllDifferentSayNothing(Method method) {
        Comparison found =
                DriftTests.compare(uniform(1_000_000, 1, "a"), uniform(1_000_000, 1, "b"), Rule.of(method, 1000));
        assertThat(found.drifted()).isFalse();
        assertThat(found.note()).isEqualTo(Note.TooManyCategories);
    }

    @Test
    void aMillionCategoriesInSketches() {
        var reference = categories(IntStream.range(0, 1_000_000).mapToObj(Integer::toString));
        var same = categories(IntStream.range(0, 1_000_000).mapToObj(i -> Integer.toString(-i)));
        var other = categories(IntStream.range(0, 1_000_000).mapToObj(i -> i % 3 == 0 ? "x" : Integer.toString(i)));
        for (Method method : new Method[] {Method.Auto, Method.ChiSquare, Method.PSI, Method.KullbackLeibler}) {
            assertThat(DriftTests.compare(reference, same, Rule.of(method, 1000))
                            .drifted())
                    .as("%s", method)
                    .isFalse();
            assertThat(DriftTests.compare(reference, other, Rule.of(method, 1000))
                            .drifted())
                    .as("%s", method)
                    .isTrue();
        }
    }

    @Test
    void aMethodThatIsNotForTheColumnGivesWayToTheOneOfItsKind() {
        Map<String, Long> before = Map.of("a", 500L, "b", 300L, "c", 200L);
        Comparison found = DriftTests.compare(before, before, Rule.of(Method.KolmogorovSmirnov, 1));
        assertThat(found.method()).isEqualTo(Method.ChiSquare);
        assertThat(found.note()).isEqualTo(Note.OtherMethod);
        assertThat(found.text()).isEqualTo("KolmogorovSmirnov isn't for such categories: ChiSquare was used");
        assertThat(DriftTests.compare(before, before, new Rule(Method.Wasserstein, Bound.distance(3), 2.0, 1)))
                .returns(Method.JensenShannon, Comparison::method)
                .returns(Bound.distance(0.1), Comparison::bound);
        double[] numbers = normal(1, 2000, 0);
        assertThat(DriftTests.compare(numbers, numbers, Rule.of(Method.ChiSquare, 1))
                        .method())
                .isEqualTo(Method.KolmogorovSmirnov);
    }

    @Test
    void theBoundsUnitDecidesWhatAutoChoosesFrom() {
        double[] numbers = normal(1, 2000, 0);
        assertThat(DriftTests.compare(numbers, numbers, new Rule(Method.Auto, Bound.pValue(0.01), null, 1)))
                .returns(Method.KolmogorovSmirnov, Comparison::method)
                .returns(Bound.pValue(0.01), Comparison::bound);
        double[] few = normal(1, 200, 0);
        assertThat(DriftTests.compare(few, few, new Rule(Method.Auto, Bound.distance(0.3), null, 1)))
                .returns(Method.Wasserstein, Comparison::method)
                .returns(Bound.distance(0.3), Comparison::bound);
    }

    @Test
    void boundsOfAnotherUnitAreRefused() {
        assertThatThrownBy(() -> new Rule(Method.PSI, Bound.pValue(0.05), null, 1))
                .hasMessage("expected a distance as bound of PSI, found: a pValue");
        assertThatThrownBy(() -> new Rule(Method.ChiSquare, Bound.distance(0.05), null, 1))
                .hasMessage("expected a pValue as bound of ChiSquare, found: a distance");
        assertThatThrownBy(() -> Bound.pValue(1.5)).hasMessage("expected a p-value from 0 to 1, found: 1.5");
        assertThatThrownBy(() -> Bound.distance(Double.NaN)).hasMessage("expected a distance of 0 or more, found: NaN");
    }

    @Test
    void warnings() {
        double[] reference = normal(1, 5000, 0);
        double[] current = normal(2, 5000, 0.15);
        assertThat(DriftTests.compare(reference, current, new Rule(Method.Wasserstein, Bound.distance(0.3), 0.1, 1)))
                .returns(false, Comparison::drifted)
                .returns(true, Comparison::warned);
        assertThat(DriftTests.compare(
                        reference, current, new Rule(Method.KolmogorovSmirnov, Bound.pValue(1e-30), 0.01, 1)))
                .returns(false, Comparison::drifted)
                .returns(true, Comparison::warned);
    }

    @Test
    void aSketchIsComparedByWhatItSawNotByWhatItKept() {
        // 0.1 standard deviations among 200,000 values are certain; among the 700 that a sketch keeps they'd be none.
        NumberSketch reference = numbers(normal(1, 200_000, 0));
        NumberSketch current = numbers(normal(2, 200_000, 0.15));
        Comparison found = DriftTests.compare(reference, current, Rule.of(Method.KolmogorovSmirnov, 1000));
        assertThat(found.drifted()).isTrue();
        assertThat(found.pValue()).isLessThan(1e-6);
        assertThat(found.error()).isBetween(0.02, 0.03);
        // What could be the sketches' own error is none of the data's.
        NumberSketch same = numbers(normal(3, 200_000, 0));
        Comparison quiet = DriftTests.compare(reference, same, Rule.of(Method.KolmogorovSmirnov, 1000));
        assertThat(quiet.pValue()).isGreaterThan(0.05);
        assertThat(quiet.critical()).isGreaterThan(quiet.error());
    }

    @Test
    void valuesThatAreNoFloatsAreTheSameHoweverTheyWereKept() {
        // 0.1 is counted on one side and kept as a float on the other.
        double[] atoms = filled(3000, 0.1);
        double[] reference = Arrays.copyOf(atoms, 3100);
        double[] current = Arrays.copyOf(atoms, 3100);
        for (int i = 0; i < 100; i++) {
            reference[3000 + i] = i % 20;
            current[3000 + i] = i / 5.0;
        }
        for (Method method :
                EnumSet.of(Method.KolmogorovSmirnov, Method.JensenShannon, Method.PSI, Method.Wasserstein)) {
            Comparison found = DriftTests.compare(numbers(reference), numbers(current), Rule.of(method, 1000));
            assertThat(found.drifted()).as("%s", method).isFalse();
        }
    }

    @Property(tries = 300)
    void aSampleDoesNotDifferFromItself(@ForAll @Size(min = 2, max = 300) double[] sample, @ForAll Method method) {
        Comparison found = DriftTests.compare(sample, sample, Rule.of(method, 2));
        if (found.method() != null) {
            assertThat(found.statistic()).isZero();
            assertThat(found.drifted()).isFalse();
        }
    }

    @Property(tries = 300)
    void whatDriftedIsAtTheCriticalValueOrBeyond(
            @ForAll @DoubleRange(min = 0, max = 1) double shift, @ForAll Method method, @ForAll long seed) {
        Comparison found = DriftTests.compare(
                numbers(normal(seed, 1500, 0)), numbers(normal(~seed, 1500, shift)), Rule.of(method, 2));
        // The critical value of Smirnov's test is asymptotic.
        if (found.method() == Method.KolmogorovSmirnov) {
            assertThat(found.severity())
                    .satisfiesAnyOf(
                            severity -> assertThat(severity >= 1).isEqualTo(found.drifted()),
                            severity -> assertThat(severity).isBetween(0.9, 1.1));
        } else {
            assertThat(found.severity() >= 1).isEqualTo(found.drifted());
        }
    }
}
