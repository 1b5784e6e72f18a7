package dev.tatara.operator.inferenceservice.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;

class PlaceholdersTest {
    private static final Map<String, String> NAMES = Map.of("candidate", "55ab", "stable", "7d9f");

    @Test
    void namesAreFilledIn() {
        assertThat(Placeholders.fill("a{r=\"{{candidate}}\"} / a{r=\"{{ stable }}\"}", NAMES))
                .isEqualTo("a{r=\"55ab\"} / a{r=\"7d9f\"}");
        assertThat(Placeholders.fill("sum(up)", NAMES)).isEqualTo("sum(up)");
    }

    @Test
    void whatStandsForNothingIsSaid() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Placeholders.fill("{{canary}}", NAMES))
                .withMessageContaining("{{canary}}")
                .withMessageContaining("{{candidate}}");
    }

    @Test
    void nothingCanEndAString() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Placeholders.fill("a{r=\"{{candidate}}\"}", Map.of("candidate", "\"} or vector(0)")));
        assertThat(Placeholders.fill("{{candidate}}", Map.of("candidate", "a.b_c-1")))
                .isEqualTo("a.b_c-1");
    }
}
