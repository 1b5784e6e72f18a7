package dev.tatara.operator.trainingjob.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec;
import dev.tatara.operator.trainingjob.train.Runs;
import dev.tatara.statistics.search.Trial;
import dev.tatara.statistics.search.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class SearchSpaceTest {
    @Test
    void everyKindOfParameterIsSearchedWhereItShouldBe() {
        var space = space("TPE", """
                [{name: u, uniform: {min: -1, max: 1}}, {name: l, logUniform: {min: 1.0e-5, max: 0.1}},
                 {name: i, integer: {min: 2, max: 10, step: 2}}, {name: big, integer: {min: 0, max: 1000000000000}},
                 {name: c, choice: {values: [adam, '1']}}]
                """);
        List<Trial> finished = new ArrayList<>();
        for (int number = 1; number <= 60; number++) {
            var proposed = space.propose(number, finished);
            assertThat(proposed.path("u").doubleValue()).isBetween(-1.0, 1.0);
            assertThat(proposed.path("l").doubleValue()).isBetween(1e-5, 0.1);
            assertThat(proposed.path("i").longValue() % 2).isZero();
            assertThat(proposed.path("big").isIntegralNumber()).isTrue();
            assertThat(proposed.path("c").textValue()).isIn("adam", "1");
            assertThat(proposed.path("u").asText().length())
                    .as(proposed.toString())
                    .isLessThan(14);
            assertThat(proposed).isEqualTo(space.propose(number, finished));
            var values = space.values(proposed);
            assertThat(values).hasSize(5);
            finished.add(new Trial(number - 1, values, ((Value.Real) values.get("u")).number()));
        }
    }

    @Test
    void roundedValuesStayWithinBoundsThatArent() {
        var space = space("Random", """
                [{name: a, uniform: {min: 0.123456789123, max: 0.123456789124}},
                 {name: b, uniform: {min: -1.7e308, max: 1.7e308}},
                 {name: c, logUniform: {min: 4.9e-324, max: 1.7e308}},
                 {name: d, uniform: {min: 0, max: 4.9e-324}}]
                """);
        for (int number = 1; number <= 100; number++) {
            var proposed = space.propose(number, List.of());
            assertThat(proposed.path("a").doubleValue()).isBetween(0.123456789123, 0.123456789124);
            assertThat(proposed.path("b").doubleValue()).isFinite();
            assertThat(proposed.path("c").doubleValue()).isPositive();
            assertThat(proposed.path("d").doubleValue()).isBetween(0.0, 4.9e-324);
        }
    }

    @Test
    void whatCannotBeSearchedIsSaid() {
        assertThat(problem(
                        "Grid",
                        "[" + "{name: %s, integer: {min: 0, max: 1000000000000}},".formatted("a")
                                + "{name: b, integer: {min: 0, max: 1000000000000}}]"))
                .contains("2^60 points", "larger step");
        assertThat(problem("TPE", "[{name: a, uniform: {min: 2, max: 1}}]")).contains("min below max");
        assertThat(problem("TPE", "[{name: a, logUniform: {min: 0, max: 1}}]")).contains("min above 0");
        assertThat(problem("TPE", "[{name: a}]")).contains("one of uniform");
        assertThat(SearchSpace.problem(Runs.job("trainer: {image: x}").getSpec()))
                .isEmpty();
    }

    @Test
    void theSearchIsQuickAfterThousandsOfTrials() {
        var space = space("TPE", """
                [{name: a, uniform: {min: 0, max: 1}}, {name: b, uniform: {min: 0, max: 1}},
                 {name: c, uniform: {min: 0, max: 1}}, {name: d, uniform: {min: 0, max: 1}}]
                """);
        var random = new Random(7);
        List<Trial> finished = new ArrayList<>();
        for (int number = 1; number <= 10_000; number++) {
            var values = space.values(anyPoint(random));
            finished.add(new Trial(number, values, number % 97));
        }

        Assertions.assertTimeout(Duration.ofSeconds(5), () -> space.propose(10_001, finished));
    }

    private static ObjectNode anyPoint(Random random) {
        var point = JsonNodeFactory.instance.objectNode();
        List.of("a", "b", "c", "d").forEach(name -> point.put(name, random.nextDouble()));
        return point;
    }

    private static SearchSpace space(String algorithm, String parameters) {
        return new SearchSpace(spec(algorithm, parameters).sweep(), 42);
    }

    private static String problem(String algorithm, String parameters) {
        return SearchSpace.problem(spec(algorithm, parameters)).orElseThrow();
    }

    private static TrainingJobSpec spec(String algorithm, String parameters) {
        return Runs.job("""
                        trainer: {image: x}
                        sweep:
                          algorithm: %s
                          trials: 100
                          objective: {metric: f1, goal: Maximize}
                          parameters:
                            %s
                        """.formatted(algorithm, parameters.indent(8).strip())).getSpec();
    }
}
