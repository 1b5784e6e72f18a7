package dev.tatara.statistics.sequential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.statistics.sequential.Plan.Design;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against what statsmodels and SciPy said: src/test/python/make_sequential.py. */
class AgreesWithStatsmodelsTest {
    private static final JsonNode EXPECTED = json();

    private static JsonNode json() {
        try (InputStream in = AgreesWithStatsmodelsTest.class.getResourceAsStream("/golden/sequential/expected.json")) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<JsonNode> sizes() {
        return EXPECTED.get("sizes").valueStream();
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void onSizesForProportions(JsonNode at) {
        double p = at.get("p").asDouble();
        double q = at.get("q").asDouble();
        double alpha = at.get("alpha").asDouble();
        double power = at.get("power").asDouble();
        double ratio = at.get("ratio").asDouble();
        double expected = at.get("size").asDouble();
        assertThat(SampleSize.effect(p, q)).isCloseTo(at.get("effect").asDouble(), within(1e-12));
        assertThat(SampleSize.of(SampleSize.effect(p, q), alpha, power, ratio))
                .isCloseTo(expected, within(1e-6 * expected));
        Plan once = Plan.ofProportion(q, new Design(p - q, alpha, power, ratio / (1 + ratio), false));
        assertThat(once.stable()).isCloseTo((long) Math.ceil(expected), within(1L));
        assertThat((double) once.candidate() / once.stable()).isCloseTo(ratio, within(0.02 * ratio));
        Plan sequential = Plan.ofProportion(q, new Design(p - q, alpha, power, ratio / (1 + ratio), true));
        assertThat((double) sequential.stable())
                .isCloseTo(expected * Plan.inflation(alpha, power), within(1 + 1e-6 * expected));
    }

    @Test
    void onSizesForMeans() {
        for (JsonNode at : EXPECTED.get("means")) {
            double ratio = at.get("ratio").asDouble();
            Plan plan = Plan.ofMean(
                    at.get("deviation").asDouble(),
                    new Design(
                            at.get("difference").asDouble(),
                            at.get("alpha").asDouble(),
                            at.get("power").asDouble(),
                            ratio / (1 + ratio),
                            false));
            double expected = at.get("size").asDouble();
            assertThat(plan.stable()).as("%s", at).isCloseTo((long) Math.ceil(expected), within(1L));
        }
    }

    @Test
    void onTheMixturesIntegral() {
        for (JsonNode at : EXPECTED.get("mixtures")) {
            double expected = at.get("pValue").asDouble();
            assertThat(new Mixture(at.get("variance").asDouble())
                            .pValue(
                                    at.get("difference").asDouble(),
                                    at.get("information").asDouble()))
                    .as("%s", at)
                    .isCloseTo(expected, within(1e-8 * expected));
        }
    }

    @Test
    void onHolm() {
        JsonNode holm = EXPECTED.get("holm");
        double[] pValues = doubles(holm.get("pValues"));
        double[] alphas = new double[pValues.length];
        Arrays.fill(alphas, holm.get("alpha").asDouble());
        boolean[] found = Spending.holm(pValues, alphas);
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).as("%s", i).isEqualTo(holm.get("found").get(i).asBoolean());
        }
    }

    private static double[] doubles(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }
}
