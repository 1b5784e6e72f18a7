package dev.tatara.statistics.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tatara.statistics.distributions.Tails;
import java.util.LinkedHashMap;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Tails of distributions against SciPy's. */
class DistributionsTest {
    @Test
    void kolmogorovOfOneSample() {
        for (JsonNode at : Golden.EXPECTED.get("kolmogorov")) {
            int n = at.get("n").asInt();
            assertThat(Kolmogorov.above(at.get("d").asDouble(), n))
                    .as("%s", at)
                    .isCloseTo(at.get("above").asDouble(), within(1e-7));
        }
    }

    @Test
    void chiSquare() {
        for (JsonNode at : Golden.EXPECTED.get("chiSquare")) {
            double expected = at.get("above").asDouble();
            assertThat(Tails.chiSquare(at.get("x").asDouble(), at.get("degrees").asDouble()))
                    .as("%s", at)
                    .isCloseTo(expected, within(1e-9 * expected + 1e-300));
        }
    }

    @Test
    void normal() {
        for (JsonNode at : Golden.EXPECTED.get("normal")) {
            double expected = at.get("above").asDouble();
            assertThat(Tails.normal(at.get("z").asDouble())).as("%s", at).isCloseTo(expected, within(1e-12 * expected));
        }
    }

    @Test
    void benjaminiHochberg() {
        JsonNode expected = Golden.EXPECTED.get("benjaminiHochberg");
        Map<String, Comparison> found = new LinkedHashMap<>();
        for (int i = 0; i < expected.get("pValues").size(); i++) {
            found.put(
                    String.valueOf(i),
                    Judge.byPValue(
                            new Rule(Method.ZTest, Bound.pValue(0.05), null, 1),
                            1,
                            0,
                            expected.get("pValues").get(i).asDouble(),
                            2));
        }
        for (DriftShare.Column column :
                DriftShare.of(found, Correction.BenjaminiHochberg, 0.5, null).columns()) {
            double corrected = expected.get("corrected")
                    .get(Integer.parseInt(column.name()))
                    .asDouble();
            assertThat(column.comparison().pValue()).isCloseTo(corrected, within(1e-12));
            assertThat(column.comparison().drifted()).isEqualTo(corrected <= 0.05);
        }
    }

    /** Beyond the exact distribution's range both ways of computing it agree. */
    @Property(tries = 200)
    void exactAndAsymptoticProbabilitiesAreClose(
            @ForAll @IntRange(min = 800, max = 3000) int n,
            @ForAll @IntRange(min = 800, max = 3000) int m,
            @ForAll @DoubleRange(min = 0.5, max = 2.5) double z) {
        double distance = z * Math.sqrt(1.0 / n + 1.0 / m);
        assertThat(Smirnov.pValue(distance, n, m, true)).isCloseTo(Kolmogorov.limit(z), within(0.05));
    }

    @Property
    void tailsAndTheirInversesAgree(
            @ForAll @DoubleRange(min = 0.01, max = 0.5) double probability,
            @ForAll @IntRange(min = 1, max = 5000) int degrees) {
        assertThat(Tails.normal(Tails.normalAbove(probability))).isCloseTo(probability, within(1e-9));
        assertThat(Tails.chiSquare(Tails.chiSquareAbove(probability, degrees), degrees))
                .isCloseTo(probability, within(1e-9));
        assertThat(Kolmogorov.limit(Kolmogorov.limitAbove(probability))).isCloseTo(probability, within(1e-9));
    }

    /** No probability of a sum of half-open steps may leave 0 to 1, or grow with the distance. */
    @Property(tries = 300)
    void pValuesFallWithTheDistance(
            @ForAll @IntRange(min = 1, max = 400) int n,
            @ForAll @IntRange(min = 1, max = 400) int m,
            @ForAll @DoubleRange(min = 0, max = 1) double one,
            @ForAll @DoubleRange(min = 0, max = 1) double other) {
        double nearer = Smirnov.pValue(Math.min(one, other), n, m, true);
        double farther = Smirnov.pValue(Math.max(one, other), n, m, true);
        assertThat(nearer).isBetween(0.0, 1.0);
        assertThat(farther).isBetween(0.0, 1.0).isLessThanOrEqualTo(nearer + 1e-9);
    }
}
