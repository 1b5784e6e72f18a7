package dev.tatara.operator.inferenceservice.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import org.junit.jupiter.api.Test;

class SignatureNamesTest {
    private static ModelVersionStatus status(String yaml) {
        return new KubernetesSerialization().unmarshal("---\n" + yaml, ModelVersionStatus.class);
    }

    private static final String TWO = """
            signature:
              inputs:
              - {name: X, datatype: FP32, shape: [-1, 2], features: [{name: %s, index: %d}, {name: age, index: 0}]}
            """;

    @Test
    void columnsComeInTheirOrder() {
        assertThat(SignatureNames.features(status(TWO.formatted("income", 1)))).containsExactly("age", "income");
    }

    @Test
    void columnsWithAGapHaveNoNames() {
        assertThat(SignatureNames.features(status(TWO.formatted("income", 2)))).isEmpty();
        assertThat(SignatureNames.features(ModelVersionStatus.EMPTY)).isEmpty();
    }

    @Test
    void severalInputsAreNamedByTheModelItself() {
        assertThat(SignatureNames.features(status("""
                signature:
                  inputs:
                  - {name: a, datatype: FP32, shape: [-1, 1], features: [{name: x, index: 0}]}
                  - {name: b, datatype: FP32, shape: [-1, 1], features: [{name: y, index: 0}]}
                """))).isEmpty();
    }

    @Test
    void classesThatAListCannotCarryAreLeftOut() {
        assertThat(SignatureNames.classes(status("classes: [setosa, Iris versicolor]")))
                .containsExactly("setosa", "Iris versicolor");
        assertThat(SignatureNames.classes(status("classes: [\"a,b\", c]"))).isEmpty();
        assertThat(SignatureNames.classes(status("classes: [\"${HOME}\", c]"))).isEmpty();
    }
}
