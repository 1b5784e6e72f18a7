package dev.tatara.steps.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.steps.StepFailure;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainerMetricsTest {
    private static TrainerMetrics parse(String json, String objective) throws StepFailure {
        return TrainerMetrics.parse(json.getBytes(StandardCharsets.UTF_8), objective);
    }

    @Test
    void objectsInObjectsBecomeNamesWithDots() throws Exception {
        var metrics = parse("""
                {"epochs": 12, "loss": {"train": 0.25, "validation": {"last": 3e-7}}, "accuracy": 1}
                """, null);

        assertThat(metrics.numbers())
                .containsExactly(
                        Map.entry("epochs", 12.0),
                        Map.entry("loss.train", 0.25),
                        Map.entry("loss.validation.last", 3e-7),
                        Map.entry("accuracy", 1.0));
        assertThat(metrics.dropped()).isEmpty();
    }

    @Test
    void whatIsNoFiniteNumberIsDroppedAndNamed() throws Exception {
        var metrics = parse("""
                {"a": NaN, "b": Infinity, "c": -Infinity, "d": 1e999, "e": null, "f": "0.5", "g": true, "h": [1, 2],
                 "i": {"j": NaN, "k": 0.5}, "": 1}
                """, null);

        assertThat(metrics.numbers()).containsOnlyKeys("i.k");
        assertThat(metrics.dropped()).containsExactly("a", "b", "c", "d", "e", "f", "g", "h", "i.j", "");
    }

    @Test
    void theObjectiveComesFirst() throws Exception {
        assertThat(parse("{\"a\": 1, \"b\": 2, \"c\": 3}", "c").numbers().keySet())
                .containsExactly("c", "a", "b");
        assertThat(parse("{\"a\": 1, \"b\": 2}", "c").numbers().keySet()).containsExactly("a", "b");
    }

    @Test
    void thereAreBounds() throws Exception {
        var many = IntStream.range(0, 5000)
                .mapToObj(i -> "\"m" + i + "\": " + i)
                .collect(Collectors.joining(",", "{", "}"));
        var metrics = parse(many, "m3");

        assertThat(metrics.numbers()).hasSize(TrainerMetrics.MOST_NUMBERS).containsEntry("m999", 999.0);
        assertThat(metrics.dropped()).hasSize(TrainerMetrics.MOST_DROPPED).startsWith("m1000");
        assertThat(parse("{\"" + "x".repeat(300) + "\": 1}", null).dropped())
                .singleElement()
                .satisfies(name -> assertThat(name).hasSize(251));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``                          | an empty file
            [1]                         | a list
            0.93                        | a number without a name
            "0.93"                      | a text
            null                        | 'null'
            {"a": 1                     | line 1
            {"a": 1} {"b": 2}           | line 1
            {'a': 1}                    | line 1
            accuracy=0.93               | line 1
            {"a": 1, "a": 2}            | Duplicate
            {"a.b": 1, "a": {"b": 2}}   | a.b twice
            """)
    void otherTextIsRefused(String json, String words) {
        assertThatThrownBy(() -> parse(json, null))
                .isInstanceOfSatisfying(StepFailure.class, failure -> assertThat(failure.reason())
                        .isEqualTo("MetricsMalformed"))
                .hasMessageContaining("expected a JSON object of numbers")
                .hasMessageContaining(words);
    }

    @Test
    void deepNestingIsRefusedToo() {
        assertThatThrownBy(() -> parse("{\"a\":".repeat(5000) + "1" + "}".repeat(5000), null))
                .isInstanceOf(StepFailure.class);
    }
}
