package dev.tatara.statistics.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Sketch;
import dev.tatara.statistics.drift.Golden.Pair;
import dev.tatara.statistics.sequential.SampleSize;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every test on real columns, raw and by sketches, against SciPy and Evidently. */
class AgreesWithEvidentlyTest {
    private static final double TOLERANCE = 1e-6;

    /** Where p-values are compared by their ratio too. */
    private static final double NOT_TINY = 1e-9;

    static Stream<Arguments> columns() {
        return Golden.EXPECTED.get("data").properties().stream().flatMap(data -> {
            Map<String, Pair> columns = Golden.read(data.getKey());
            return data.getValue().properties().stream()
                    .map(column -> Arguments.of(
                            data.getKey() + " " + column.getKey(), columns.get(column.getKey()), column.getValue()));
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("columns")
    void onRawValues(String name, Pair pair, JsonNode expected) {
        expected.get("tests").properties().forEach(test -> {
            Comparison found = compare(pair, expected, Rule.of(Method.valueOf(test.getKey()), 1));
            assertThat(found.method()).isEqualTo(Method.valueOf(test.getKey()));
            assertThat(found.error()).isZero();
            agree(name, found, test.getValue());
        });
        assertThat(compare(pair, expected, Rule.of(Method.Auto, 1)).method())
                .isEqualTo(Method.valueOf(expected.get("auto").asText()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("columns")
    void onSketches(String name, Pair pair, JsonNode expected) {
        Sketch reference = sketch(expected, pair, true);
        Sketch current = sketch(expected, pair, false);
        expected.get("tests").properties().forEach(test -> {
            Method method = Method.valueOf(test.getKey());
            Comparison found = DriftTests.compare(reference, current, Rule.of(method, 1));
            assertThat(found.method()).isEqualTo(method);
            if (found.error() == 0) {
                agree(name, found, test.getValue());
            } else {
                double off =
                        found.statistic() - test.getValue().get("statistic").asDouble();
                // A false alarm's side; on the other one thin tails hide what they hold, where shares are compared.
                boolean bothSides = method == Method.KolmogorovSmirnov || method == Method.Wasserstein;
                assertThat(bothSides ? Math.abs(off) : off)
                        .as("%s of %s", method, name)
                        .isLessThanOrEqualTo(found.error());
            }
            // The sketches' error is taken off before: never less than the true p-value.
            if (method.hasPValue()) {
                assertThat(found.pValue())
                        .as("%s of %s", method, name)
                        .isGreaterThanOrEqualTo(test.getValue().get("pValue").asDouble() - TOLERANCE);
            }
        });
        assertThat(DriftTests.compare(reference, current, Rule.of(Method.Auto, 1))
                        .method())
                .isEqualTo(Method.valueOf(expected.get("auto").asText()));
    }

    private static Comparison compare(Pair pair, JsonNode expected, Rule rule) {
        return expected.get("kind").asText().equals("numbers")
                ? DriftTests.compare(pair.numbersOfReference(), pair.numbersOfCurrent(), rule)
                : DriftTests.compare(Pair.counts(pair.reference()), Pair.counts(pair.current()), rule);
    }

    private static Sketch sketch(JsonNode expected, Pair pair, boolean reference) {
        if (expected.get("kind").asText().equals("numbers")) {
            NumberSketch sketch = new NumberSketch();
            Arrays.stream(reference ? pair.numbersOfReference() : pair.numbersOfCurrent())
                    .forEach(sketch::update);
            return sketch;
        }
        CategorySketch sketch = new CategorySketch();
        (reference ? pair.reference() : pair.current()).forEach(sketch::update);
        return sketch;
    }

    static Stream<JsonNode> sequences() {
        return Golden.EXPECTED.get("sequences").valueStream();
    }

    @ParameterizedTest
    @MethodSource("sequences")
    void onLongSequences(JsonNode expected) {
        double[] reference = Golden.goldenRatio(expected.get("reference").asInt(), 1, 0);
        double[] current = Golden.goldenRatio(
                expected.get("current").asInt(),
                expected.get("factor").asDouble(),
                expected.get("offset").asDouble());
        expected.get("tests")
                .properties()
                .forEach(test -> agree(
                        expected.get("reference") + "/" + expected.get("current"),
                        DriftTests.compare(reference, current, Rule.of(Method.valueOf(test.getKey()), 1)),
                        test.getValue()));
        assertThat(DriftTests.compare(reference, current, Rule.of(Method.Auto, 1))
                        .method())
                .isEqualTo(Method.valueOf(expected.get("auto").asText()));
    }

    private static void agree(String name, Comparison found, JsonNode expected) {
        JsonNode statistic = expected.get("statistic");
        assertThat(found.statistic())
                .as("%s of %s", found.method(), name)
                .isCloseTo(
                        statistic.isNull() ? Double.POSITIVE_INFINITY : statistic.asDouble(),
                        within(tolerance(statistic.asDouble())));
        if (found.method().hasPValue()) {
            double pValue = expected.get("pValue").asDouble();
            double tolerance = pValue < NOT_TINY ? NOT_TINY : pValue * TOLERANCE;
            assertThat(found.pValue()).as("%s of %s", found.method(), name).isCloseTo(pValue, within(tolerance));
        }
    }

    private static double tolerance(double value) {
        return TOLERANCE * Math.max(1, Math.abs(value));
    }

    /** Two proportions and sizes of samples, as statsmodels has them. */
    @Test
    void onProportions() {
        Comparison found = DriftTests.compare(
                Map.of("no", 880L, "yes", 120L), Map.of("no", 850L, "yes", 150L), Rule.of(Method.ZTest, 1));
        assertThat(found.statistic()).isCloseTo(-1.963050, within(1e-6));
        assertThat(found.pValue()).isCloseTo(0.0496404, within(1e-7));
        assertThat(found.drifted()).isTrue();
        assertThat(SampleSize.of(SampleSize.effect(0.1, 0.12), 0.05, 0.8, 1)).isCloseTo(3834.596, within(1e-3));
    }
}
