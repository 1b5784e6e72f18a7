package dev.tatara.api.v1alpha1.common;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus.Signature;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BoundedTest {
    @Test
    void listsKeepTheirFirstOrLastElements() {
        assertThat(Bounded.first(List.of(1, 2, 3), 2)).containsExactly(1, 2);
        assertThat(Bounded.last(List.of(1, 2, 3), 2)).containsExactly(2, 3);
        assertThat(Bounded.first(null, 2)).isEmpty();
    }

    @Test
    void textsAreCutByCharactersAsTheServerCountsThem() {
        assertThat(Bounded.text("🙂🙂🙂", 3)).isEqualTo("🙂🙂🙂");
        assertThat(Bounded.text("🙂🙂🙂", 2)).isEqualTo("🙂…");
        assertThat(Bounded.text(null, 2)).isNull();
    }

    @Test
    void figuresThatAreNoNumbersAreAbsent() {
        assertThat(Bounded.finite(Map.of("f1", Double.NaN, "accuracy", 0.9))).containsOnlyKeys("accuracy");
        assertThat(Bounded.finite(Double.POSITIVE_INFINITY)).isNull();
    }

    @Test
    void aSignatureOfTooManyTensorsSaysSo() {
        List<Tensor> columns = IntStream.range(0, 300)
                .mapToObj(i -> new Tensor("column" + i, "FP32", List.of(-1L, 1L), List.of()))
                .toList();

        assertThat(new Signature(columns, List.of(), null)).satisfies(signature -> {
            assertThat(signature.inputs()).hasSize(128);
            assertThat(signature.truncated()).isTrue();
        });
    }
}
