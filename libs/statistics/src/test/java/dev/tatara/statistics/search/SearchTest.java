package dev.tatara.statistics.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SearchTest {
    private static final List<Parameter> ALL = List.of(
            new Parameter.Uniform("u", -2, 3, 0),
            new Parameter.LogUniform("l", 1e-4, 10, 0),
            new Parameter.Whole("w", -3, 8, 2),
            new Parameter.Choice("c", List.of("a", "b", "c")));

    @Property
    void whatIsProposedLiesInTheSpace(@ForAll long seed, @ForAll @IntRange(max = 10_000) int number) {
        var point = new RandomSearch(ALL, seed).propose(number, List.of()).orElseThrow();
        for (Parameter parameter : ALL) {
            assertThat(parameter.coordinate(point.get(parameter.name()))).isBetween(0.0, 1.0);
        }
        assertThat(new RandomSearch(ALL, seed).propose(number, List.of())).contains(point);
    }

    @Property
    void aValueHasTheCoordinateThatItCameFrom(@ForAll @DoubleRange(min = 0, max = 1) double coordinate) {
        for (Parameter parameter : ALL) {
            Value value = parameter.at(coordinate);
            double span = parameter.cardinality() == Long.MAX_VALUE ? 1e-9 : 0.5 / parameter.cardinality() + 1e-9;
            assertThat(parameter.coordinate(value)).isCloseTo(coordinate, within(span));
            assertThat(parameter.at(parameter.coordinate(value)))
                    .as(parameter.name())
                    .satisfies(again -> {
                        if (!(again instanceof Value.Real)) {
                            assertThat(again).isEqualTo(value);
                        }
                    });
        }
    }

    @Test
    void logarithmsAreDrawnAlike() {
        var search = new RandomSearch(ALL, 1);
        long below = java.util.stream.IntStream.range(0, 10_000)
                .filter(i ->
                        ((Value.Real) search.propose(i, List.of()).orElseThrow().get("l")).number() < 0.1)
                .count();
        assertThat(below).isBetween(5_700L, 6_300L);
    }

    @Property(tries = 50)
    void aGridIsVisitedOnceAndWhole(@ForAll long seed) {
        var grid = new GridSearch(
                List.of(
                        new Parameter.Uniform("u", 0, 1, 0.1),
                        new Parameter.Whole("w", 1, 5, 2),
                        new Parameter.LogUniform("l", 1, 100, 0),
                        new Parameter.Choice("c", List.of("a", "b"))),
                seed);
        assertThat(grid.size()).isEqualTo(11 * 3 * 10 * 2);
        Set<Map<String, Value>> seen = new HashSet<>();
        for (int i = 0; i < grid.size(); i++) {
            seen.add(grid.propose(i, List.of()).orElseThrow());
        }
        assertThat(seen).hasSize(660);
        assertThat(grid.propose(660, List.of())).isEmpty();
    }

    @Test
    void aGridOfOnePoint() {
        var grid = new GridSearch(List.of(new Parameter.Choice("c", List.of("a"))), 3);
        assertThat(grid.propose(0, List.of())).contains(Map.of("c", new Value.Text("a")));
        assertThat(grid.propose(1, List.of())).isEmpty();
    }

    @Test
    void gridValuesEndWithinTheInterval() {
        var uniform = new Parameter.Uniform("u", 0, 1, 0.3);
        assertThat(uniform.gridSize()).isEqualTo(4);
        assertThat(uniform.gridValue(3)).isEqualTo(new Value.Real(0.8999999999999999));
        var logarithmic = new Parameter.LogUniform("l", 1e-3, 1, 0);
        assertThat(((Value.Real) logarithmic.gridValue(0)).number()).isCloseTo(1e-3, within(1e-12));
        assertThat(((Value.Real) logarithmic.gridValue(3)).number()).isCloseTo(1e-2, within(1e-12));
        assertThat(((Value.Real) logarithmic.gridValue(9)).number()).isCloseTo(1, within(1e-12));
    }

    @Test
    void refusesWhatIsNoSpace() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Parameter.Uniform("u", 2, 1, 0))
                .withMessageContaining("parameter u")
                .withMessageContaining("min below max");
        assertThatIllegalArgumentException().isThrownBy(() -> new Parameter.Uniform("u", Double.NaN, 1, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Parameter.LogUniform("l", 0, 1, 0))
                .withMessageContaining("above 0");
        assertThatIllegalArgumentException().isThrownBy(() -> new Parameter.Whole("w", 1, 1, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Parameter.Whole("w", Long.MIN_VALUE, Long.MAX_VALUE, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Parameter.Choice("c", List.of()));
        var huge = new Parameter.Whole("w", 0, Long.MAX_VALUE / 2, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GridSearch(List.of(huge, huge), 1))
                .withMessageContaining("Random or TPE");
    }
}
