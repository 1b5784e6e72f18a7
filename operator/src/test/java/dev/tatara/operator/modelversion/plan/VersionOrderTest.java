package dev.tatara.operator.modelversion.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VersionOrderTest {
    private static final List<String> ASCENDING = List.of(
            "latest",
            "nightly",
            "0.9",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1",
            "1.0.1",
            "v2",
            "9",
            "10",
            "20260101",
            "100000000000000000000000");

    @Test
    void numbersAndSemanticVersionsAreOrderedByPrecedence() {
        var shuffled = new ArrayList<>(ASCENDING);
        Collections.shuffle(shuffled, new Random(7));

        assertThat(shuffled.stream().sorted(VersionOrder.INSTANCE)).containsExactlyElementsOf(ASCENDING);
    }

    @Test
    void theOrderIsTotalAndConsistent() {
        for (var a : ASCENDING) {
            assertThat(VersionOrder.INSTANCE.compare(a, a)).isZero();
            for (var b : ASCENDING) {
                assertThat(Integer.signum(VersionOrder.INSTANCE.compare(a, b)))
                        .isEqualTo(-Integer.signum(VersionOrder.INSTANCE.compare(b, a)));
            }
        }
    }
}
